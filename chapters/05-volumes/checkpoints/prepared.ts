// What the volume checkpoints start from: a root, a folder to mount, volumes of their
// own.
//
// - `prepareVolumes()`: chapter 03's root and canary, and a folder `home` with a letter
// - `withOwnState(subject, place)`: the same subject, its named volumes in the scratch
//   folder
// - `ask(subject, place, options, script)`: what a shell in the container says

import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { runSubject, type Subject } from '@slipway/lab/checkpoint.ts';
import { prepare, type Place } from '@slipway/rootfs/checkpoints/prepared.ts';

export interface VolumePlace extends Place {
  readonly home: string;
}

export function prepareVolumes(): VolumePlace {
  const place = prepare();
  const home = `${place.path}/home`;
  mkdirSync(home);
  writeFileSync(`${home}/letter`, 'from the host\n');
  return { ...place, home };
}

/** Named volumes are kept below $SLIPWAY_STATE. */
export function withOwnState(subject: Subject, { path }: Place): Subject {
  const state = `${path}/state`;
  mkdirSync(state, { recursive: true });
  return { ...subject, command: ['env', `SLIPWAY_STATE=${state}`, ...subject.command] };
}

/** Runs `sh -c script` in a container with `options`. */
export async function ask(
  subject: Subject,
  { root }: Place,
  options: readonly string[],
  script: string,
): ReturnType<typeof runSubject> {
  const words = ['--pid', '--rootfs', root, ...options, '--', 'sh', '-c', script];
  return runSubject(subject, words);
}

/** Which file it is: no two have both numbers. */
export function identity(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false });
  return found === undefined ? 'missing' : `${found.dev}:${found.ino}`;
}
