// Checkpoints about the life of a group.
//
// - `lifeCheckpoints`: refused, gone, held, changed, entered
//
// Source: cgroups(7).

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { readLedger } from '@slipway/lab';
import {
  findByCommandLine,
  runSubject,
  status,
  unless,
  type Checkpoint,
  type Subject,
} from '@slipway/lab/checkpoint.ts';
import { isRunning } from '@slipway/lab/proc/processes.ts';
import {
  groupsIn,
  ranWell,
  runScript,
  soon,
  sweep,
  withContainer,
} from './evidence.ts';
import { controllerOf, linuxHierarchies } from './hierarchy.ts';

export const lifeCheckpoints: readonly Checkpoint[] = [
  {
    id: 'refused',
    sentence: 'a wrong value is refused with what is allowed, and nothing is left',
    needs: ['root', 'tool:busybox', 'cgroup:memory'],
    examine: refused,
  },
  {
    id: 'gone-afterwards',
    sentence: 'the group is gone afterwards, also when the application forks away',
    needs: ['root', 'tool:busybox', 'cgroup:memory'],
    examine: goneAfterwards,
  },
  {
    id: 'held',
    sentence: 'pause holds all processes of the group, and resume lets them go on',
    needs: ['root', 'tool:busybox', 'cgroup:memory'],
    examine: held,
  },
  {
    id: 'ended-while-held',
    sentence: 'a container that is paused ends when it is asked to',
    needs: ['root', 'tool:busybox', 'cgroup:memory'],
    examine: endedWhileHeld,
  },
  {
    id: 'changed',
    sentence: 'update changes a limit while the application runs',
    needs: ['root', 'tool:busybox', 'cgroup:memory'],
    examine: changed,
  },
  {
    id: 'entered',
    sentence: 'who enters the container is under its limits',
    needs: ['root', 'tool:busybox', 'cgroup:memory'],
    examine: entered,
  },
];

async function refused(subject: Subject): Promise<void> {
  const wrong = [
    ['--memory', '3q'],
    ['--cpus', '-1'],
    ['--cpuset-cpus', '4000'],
  ];
  for (const options of wrong) {
    const before = emptyGroups();
    const result = await runScript(subject, options, 'busybox true');
    const said = options.join(' ');
    unless(
      result.status === 125,
      'wrong-value-accepted',
      `${said} ended with ${result.status}, not 125\n` +
        'a limit that is not in force is worse than none: the user believes in it. ' +
        'Judge values first, and take a failed write for a failure.',
    );
    const option = options[0] ?? '';
    unless(
      result.stderr.includes(option.replace('--', '').replace('-cpus', '')),
      'says-nothing',
      `${said} is refused, and nobody says what is wrong: ${result.stderr.trim()}`,
    );
    const left = await leftSince(before);
    unless(
      left.length === 0,
      'refused-and-left',
      `${said} is refused, and ${left.join(', ')} stays\n` +
        'what was made before the refusal has to go again.',
    );
  }
}

/** Groups right below a folder `slipway` that nobody is in. */
function emptyGroups(): readonly string[] {
  const homes = linuxHierarchies().map(({ mountPoint }) => `${mountPoint}/slipway`);
  const groups = homes.filter(existsSync).flatMap(home =>
    readdirSync(home, { withFileTypes: true })
      .filter(one => one.isDirectory())
      .map(({ name }) => `${home}/${name}`),
  );
  // Whoever else works here has written down what is his.
  const living = readLedger().open.filter(({ owner }) => isRunning(owner));
  const others = new Set(living.map(({ thing }) => thing.target));
  return groups.filter(group => processesIn(group) === '' && !others.has(group));
}

/** Those that have appeared and stay; they are taken away. */
async function leftSince(before: readonly string[]): Promise<readonly string[]> {
  const appeared = emptyGroups().filter(group => !before.includes(group));
  if (appeared.length === 0) return [];
  await sleep(500);
  const left = appeared.filter(group => processesIn(group) === '');
  await sweep(left);
  return left;
}

/** A group of somebody else can go at any moment. */
function processesIn(group: string): string | undefined {
  try {
    return readFileSync(`${group}/cgroup.procs`, 'utf8');
  } catch {
    return undefined;
  }
}

async function goneAfterwards(subject: Subject): Promise<void> {
  const seconds = String(100_000 + Math.floor(Math.random() * 1e9));
  const words = ['busybox', 'sleep', seconds];
  const script = `${words.join(' ')} > /dev/null 2>&1 &`;
  const result = await runScript(subject, ['--memory', '64m'], script);
  const child = findByCommandLine(words);
  if (child !== undefined) process.kill(child, 'SIGKILL');
  unless(
    result.left.length === 0,
    'group-left',
    `the container has ended, and ${result.left.join(', ')} is still there\n` +
      'nobody removes a group but who made it, and rmdir answers EBUSY while there ' +
      'is somebody in it: end all of it, then remove it, and try again for a moment.',
  );
  unless(
    child === undefined,
    'process-left',
    `the application has ended, and process ${child} that it started still runs\n` +
      'cgroup.procs of the group has everybody who was ever forked there.',
  );
  ranWell(result, 'an application that leaves a process behind');
}

async function held(subject: Subject): Promise<void> {
  await withContainer(subject, ['--memory', '64m'], async ({ application, file }) => {
    const frozen = (): boolean =>
      controllerOf('freezer').world === 'v1'
        ? file('freezer', ['freezer.state', '']) === 'FROZEN'
        : /^frozen 1$/m.test(file('freezer', ['', 'cgroup.events']));
    const pause = await runSubject(subject, ['pause', String(application)]);
    ranWell(pause, 'pause');
    const [state] = status(application, 'State');
    unless(
      frozen() || state !== 'T',
      'stopped-by-signal',
      'the processes were stopped one by one, with SIGSTOP\n' +
        'their parents see it, anybody can send SIGCONT, and what is forked then ' +
        'runs on. The freezer holds the whole group.',
    );
    unless(frozen(), 'not-frozen', 'pause was called, and the group is not frozen');
    const resume = await runSubject(subject, ['resume', String(application)]);
    ranWell(resume, 'resume');
    for (let tries = 0; tries < 50 && frozen(); tries += 1) await sleep(20);
    unless(!frozen(), 'not-thawed', 'resume was called, and the group is still frozen');
  });
}

async function endedWhileHeld(subject: Subject): Promise<void> {
  await withContainer(subject, ['--memory', '64m'], async ({ pid, application }) => {
    ranWell(await runSubject(subject, ['pause', String(application)]), 'pause');
    process.kill(pid, 'SIGTERM');
    unless(
      await soon(() => !existsSync(`/proc/${application}`)),
      'frozen-for-good',
      'SIGTERM was sent to a paused container, and its application is still there\n' +
        'a frozen process acts upon no signal, in version 1 not even upon SIGKILL: ' +
        'pass the signal on, and thaw the group.',
    );
  });
}

async function changed(subject: Subject): Promise<void> {
  await withContainer(subject, ['--memory', '64m'], async ({ application, file }) => {
    const words = ['update', '--memory', '128m', String(application)];
    ranWell(await runSubject(subject, words), 'update');
    const limit = file('memory', ['memory.limit_in_bytes', 'memory.max']);
    unless(
      limit === String(2 ** 27),
      'not-updated',
      `update --memory 128m was called, and the limit is ${limit}\n` +
        'memory and swap bound each other: to raise the one, raise both first.',
    );
  });
}

async function entered(subject: Subject): Promise<void> {
  const options = ['--pid', '--mount', '--memory', '64m'];
  await withContainer(subject, options, async ({ application, groups }) => {
    const words = ['enter', String(application), '--', 'busybox'];
    const result = await runSubject(subject, [...words, 'cat', '/proc/self/cgroup']);
    ranWell(result, 'enter');
    const inside = groupsIn(result.stdout);
    const missed = groups.filter(group => !inside.includes(group));
    unless(
      missed.length === 0,
      'entered-without-limits',
      `the process that entered is not in ${missed.join(', ')}\n` +
        'the namespaces are joined, and the limits are not: they come with the groups.',
    );
  });
}
