// A container that is run to its end, for the tests: what it wrote, and how it ended.
//
// - `collect(request)`: starts it with nothing to read, and waits
// - `shell(script)`: the step that runs a script in busybox's shell
// - `namespacesOf(pid)`: the inode of each kind, as `/proc/PID/ns` names it

import { readlinkSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import type { Child, ExitStatus, StepTiming } from './child.ts';
import { namespaceKinds, step, type Namespace, type Step } from '../program/program.ts';
import { spawn, type SpawnRequest } from './spawn.ts';

export interface Collected {
  readonly stdout: string;
  readonly stderr: string;
  readonly status: ExitStatus;
  readonly timings: readonly StepTiming[];
}

/** @throws as `spawn` */
export async function collect(request: Omit<SpawnRequest, 'stdio'>): Promise<Collected> {
  return finish(await spawn({ ...request, stdio: ['null', 'pipe', 'pipe'] }));
}

/** As `collect`, for a child that runs already; it is disposed of. */
export async function finish(started: Child): Promise<Collected> {
  await using child = started;
  const [stdout, stderr, status] = await Promise.all([
    child.stdout === undefined ? '' : text(child.stdout),
    child.stderr === undefined ? '' : text(child.stderr),
    child.wait(),
  ]);
  return { stdout, stderr, status, timings: child.timings };
}

/** What the tests' shells find their commands by. */
export const path = 'PATH=/usr/sbin:/usr/bin:/sbin:/bin';

export function shell(script: string): Step {
  return step.exec(['busybox', 'sh', '-c', script], [path]);
}

/** An application that lives until it is killed. */
export const sleeper: Step = step.exec(['busybox', 'sleep', '1000'], [path]);

export function namespacesOf(pid: number | 'self'): Readonly<Record<Namespace, string>> {
  const link = (kind: Namespace): string =>
    readlinkSync(`/proc/${pid}/ns/${kind === 'mount' ? 'mnt' : kind}`);
  return Object.fromEntries(namespaceKinds.map(kind => [kind, link(kind)])) as Readonly<
    Record<Namespace, string>
  >;
}
