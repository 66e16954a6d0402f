// The evidence of this chapter's checkpoints: the groups of a process, and their files.
//
// - `withContainer(subject, options, body)`: an application that stays, and then ends
// - `runScript(subject, options, script)`: a shell script inside, to its end
// - `groupsIn(text)`: the directories of the groups that /proc/PID/cgroup names
//
// Whatever a wrong answer leaves behind is taken away here, after it was judged.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  read,
  runSubject,
  startSubject,
  unless,
  type RunningSubject,
  type Subject,
} from '@slipway/lab/checkpoint.ts';
import { removeControlGroup } from '@slipway/lab/ledger/undo-cgroup.ts';
import { controllerOf, linuxHierarchies } from './hierarchy.ts';

type SubjectResult = Awaited<ReturnType<typeof runSubject>>;

/** What a file is called in version 1 and in version 2. */
export type FileNames = readonly [v1: string, v2: string];

/** Options that want a group. */
const limits: ReadonlySet<string> = new Set([
  '--memory',
  '--cpus',
  '--pids',
  '--cpuset-cpus',
]);

export interface Container extends RunningSubject {
  /** The directories of the groups that it is in and that we are not in. */
  readonly groups: readonly string[];
  /** The text of one of their files. */
  readonly file: (controller: string, names: FileNames) => string;
}

export async function withContainer(
  subject: Subject,
  options: readonly string[],
  body: (container: Container) => Promise<void> | void,
): Promise<void> {
  await using running = await startSubject(subject, options);
  const inside = (): boolean =>
    groupsIn(read(running.application, 'cgroup')).length > 0;
  if (options.some(option => limits.has(option))) await soon(inside);
  const text = read(running.application, 'cgroup');
  const groups = groupsIn(text);
  try {
    await body({
      ...running,
      groups,
      file: (controller, names) => groupFile(text, controller, names),
    });
  } finally {
    thaw(groups);
    await end(running);
    await sweep(groups);
  }
}

/** An emulated machine is slower by this; whoever runs tests there sets it. */
const slow = Number(process.env['SLIPWAY_SLOW'] ?? 1);

/** Whether `holds` becomes true within two seconds: a subject may be slow. */
export async function soon(holds: () => boolean): Promise<boolean> {
  for (let tries = 0; tries < 40 * slow && !holds(); tries += 1) await sleep(50);
  return holds();
}

export interface ScriptResult extends SubjectResult {
  /** /proc/self/cgroup as it was at the first instruction. */
  readonly cgroup: string;
  readonly groups: readonly string[];
  /** Those of them that were there when the subject had ended. */
  readonly left: readonly string[];
}

/** `busybox sh` runs `script`; $memory, $cpu, $pids lead to the own groups. */
export async function runScript(
  subject: Subject,
  options: readonly string[],
  script: string,
): Promise<ScriptResult> {
  const first = 'busybox cat /proc/self/cgroup; echo end-of-groups';
  const whole = [first, ...['memory', 'cpu', 'pids'].map(ownGroup), script].join('\n');
  const args = [...options, '--', 'busybox', 'sh', '-c', whole];
  const result = await runSubject(subject, args);
  const [cgroup = '', stdout = ''] = result.stdout.split('end-of-groups\n');
  const groups = groupsIn(cgroup);
  const left = groups.filter(existsSync);
  await sweep(groups);
  return { ...result, cgroup, stdout, groups, left };
}

/** A line of shell: the variable `memory` becomes the directory of the own group. */
function ownGroup(controller: string): string {
  const { mountPoint, pattern } = controllerOf(controller);
  return `${controller}=${mountPoint}$(busybox sed -n '${pattern}' /proc/self/cgroup)`;
}

function groupFile(text: string, controller: string, names: FileNames): string {
  const { world, mountPoint, pathIn } = controllerOf(controller);
  const path = `${mountPoint}${pathIn(text)}/${names[world === 'v1' ? 0 : 1]}`;
  // The root of version 2 has no limits, and no files for them.
  return existsSync(path) ? readFileSync(path, 'utf8').trim() : '';
}

/** The directories of the groups in `text` that are not those of this process. */
export function groupsIn(text: string): readonly string[] {
  const own = readFileSync('/proc/self/cgroup', 'utf8').split('\n');
  const others = text.split('\n').filter(line => line !== '' && !own.includes(line));
  return others.flatMap(line => {
    const [, names = '', path = ''] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    const found = linuxHierarchies().find(({ world, controllers }) =>
      names === ''
        ? world === 'v2'
        : controllers.some(one => names.split(',').includes(one)),
    );
    return found === undefined || path === '/' ? [] : [`${found.mountPoint}${path}`];
  });
}

function thaw(groups: readonly string[]): void {
  for (const group of groups) {
    for (const [file, text] of [
      ['freezer.state', 'THAWED'],
      ['cgroup.freeze', '0'],
    ] as const) {
      if (existsSync(`${group}/${file}`)) writeIfThere(`${group}/${file}`, text);
    }
  }
}

/** The subject may remove its group at this very moment. */
function writeIfThere(path: string, text: string): void {
  try {
    writeFileSync(path, text);
  } catch (error) {
    if (existsSync(path)) throw error;
  }
}

/** The application ends, and then the subject has time to clean up. */
async function end(running: RunningSubject): Promise<void> {
  try {
    process.kill(running.application, 'SIGKILL');
  } catch {
    // It has ended already.
  }
  await Promise.race([running.ended(), sleep(10_000)]);
}

/** Removes groups; a right answer has removed them already. */
export async function sweep(groups: readonly string[]): Promise<void> {
  for (const group of groups) {
    await removeControlGroup(group);
  }
}

/** Inside a group of its own wherever `controller` is. */
export function inOwnGroup(cgroup: string, controller: string): boolean {
  const { pathIn } = controllerOf(controller);
  const own = pathIn(readFileSync('/proc/self/cgroup', 'utf8'));
  return pathIn(cgroup) !== own;
}

/** @throws Diagnosis when the subject itself failed */
export function ranWell(result: SubjectResult, what: string): void {
  unless(
    result.status === 0,
    'script-failed',
    `${what} ended with ${result.status}: ${result.stderr.trim() || 'no word'}`,
  );
}
