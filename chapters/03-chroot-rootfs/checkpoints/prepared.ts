// Roots for the checkpoints to start in, and a canary outside of them.
//
// - `prepare(programs)`: a busybox root with a marker in it, beside a canary
// - `startRooted(subject, place, options)`: an application that stays in that root
//
// The marker is a file that only this root has: who sees it, sees this root. The canary
// lies outside, next to the root: who sees or changes it, has got out.

import { readdirSync, readFileSync, writeFileSync, mkdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { scratchFolder } from '@slipway/lab';
import {
  NeverStarted,
  startSubject,
  unless,
  type RunningSubject,
  type Subject,
} from '@slipway/lab/checkpoint.ts';
import { busyboxTree } from '../root/busybox-rootfs.ts';
import { packPrograms } from '../packing/pack.ts';
import { writeTree } from '../files/tree.ts';

export interface Place extends AsyncDisposable {
  /** The scratch folder in which root and canary lie. */
  readonly path: string;
  readonly root: string;
  /** A name that only the root has at its top. */
  readonly marker: string;
  /** A folder outside, with one file in it. */
  readonly canary: string;
  /** Whether the canary is as it was. */
  canaryIsAlive(): boolean;
}

/** A root with busybox and `programs`. */
export function prepare(programs: readonly string[] = []): Place {
  const folder = scratchFolder();
  const { path } = folder;
  const [root, canary] = [`${path}/root`, `${path}/canary`];
  const marker = `marker-${process.pid}`;
  writeTree(busyboxTree(), root);
  writeFileSync(`${root}/${marker}`, '');
  if (programs.length > 0) packPrograms(programs, root);
  mkdirSync(canary);
  writeFileSync(`${canary}/bird`, 'alive');
  return {
    path,
    root,
    marker,
    canary,
    canaryIsAlive: () =>
      readdirSync(canary).join() === 'bird' &&
      readFileSync(`${canary}/bird`, 'utf8') === 'alive',
    [Symbol.asyncDispose]: async () => folder[Symbol.asyncDispose](),
  };
}

/**
 * The application in the root of `place`; the way in is diagnosed where it is known.
 */
export async function startRooted(
  subject: Subject,
  { root }: Place,
  options: readonly string[],
): Promise<RunningSubject> {
  try {
    return endingFirst(await startSubject(subject, [...options, '--rootfs', root]));
  } catch (error) {
    if (!(error instanceof NeverStarted)) throw error;
    unless(
      !/pivot_root.*(EINVAL|EBUSY|Invalid arg|resource busy)/.test(error.stderr),
      'not-a-mount-point',
      'pivot_root was refused: the new root is a folder, not a mount\n' +
        'it swaps two mounts. A folder becomes one when it is bound onto itself, or ' +
        'cloned by open_tree; and neither may be shared with a peer.',
    );
    throw error;
  }
}

/** How long a subject may take to give back what it has made. */
const patienceMs = 10_000;

/** Disposing ends the application; the subject can then remove its control groups. */
function endingFirst(running: RunningSubject): RunningSubject {
  return {
    ...running,
    [Symbol.asyncDispose]: async () => {
      process.kill(running.application, 'SIGKILL');
      await Promise.race([
        running.ended(),
        sleep(patienceMs, undefined, { ref: false }),
      ]);
      await running[Symbol.asyncDispose]();
    },
  };
}
