// Experiment 1, as the classic texts have it: a busy loop, a folder, 20 %.
//
// The commands are theirs, in their order. The folder `container` lies in a group of
// the workshop, which a busy machine does not disturb.
// Sources: sched-bwc.rst and cgroup-v2.rst in the kernel's documentation, cgroups(7).

import { mkdirSync, writeFileSync } from 'node:fs';
import { experiment, type Lab } from '@slipway/lab';
import { linuxControlGroups } from '../group/machine.ts';
import { openHostShell, type HostShell } from './apparatus/host-shell.ts';
import { directoryOf, favouredGroup, need, worldOf } from './apparatus/lab-groups.ts';
import {
  measure,
  topLine,
  untilItFits,
  type ProcessorUse,
} from './apparatus/processor-time.ts';
import { showTwins } from './apparatus/twins.ts';

interface Stage {
  readonly lab: Lab;
  readonly shell: HostShell;
  /** The folder in which `container` is made. */
  readonly home: string;
  readonly v1: boolean;
}

export const textbook = experiment(
  'textbook',
  'A busy loop, a folder, and 20 %',
  ['root', 'tool:top'],
  async lab => {
    need(lab, 'cpu');
    await listSubsystems(lab);
    const stage = await openStage(lab);
    await lookAtTheFolder(stage);
    const pid = await startTheLoop(stage);
    await readTheLimit(stage);
    await writeTheLimit(stage, pid);
    await moveTheProcess(stage, pid);
    await cleanUp(stage);
  },
);

/** In version 1 a folder each; in version 2 words in one file. */
async function listSubsystems(lab: Lab): Promise<void> {
  lab.say('First, which subsystems are there?');
  const found = linuxControlGroups().hierarchies.of.cpu;
  if (found.world === 'v2') {
    await lab.shell`cat ${found.hierarchy.mountPoint}/cgroup.controllers`;
  } else await lab.shell`ls -x -w 70 /sys/fs/cgroup/`;
}

async function openStage(lab: Lab): Promise<Stage> {
  const group = await favouredGroup(lab);
  const home = directoryOf(group, 'cpu');
  const v1 = worldOf('cpu') === 'v1';
  // A version 2 group hands its controllers down by name, and then holds no process.
  if (!v1) writeFileSync(`${home}/cgroup.subtree_control`, '+cpu');
  mkdirSync(`${home}/shell`);
  const shell = await openHostShell(lab);
  writeFileSync(`${home}/shell/cgroup.procs`, String(shell.pid));
  return { lab, shell, home, v1 };
}

async function lookAtTheFolder({ lab, shell, home, v1 }: Stage): Promise<void> {
  lab.say(
    'We go into the one for the processor (into a group that the workshop has made ' +
      'there), make a folder, and write nothing into it. What is in it?',
  );
  await shell.type(`cd ${home}`);
  await shell.type('mkdir container');
  const files = (await shell.type('ls -C container')).join(' ').split(/\s+/);
  const wanted = v1 ? ['cpu.cfs_quota_us', 'tasks'] : ['cpu.max', 'cgroup.procs'];
  lab.expect({
    claim: 'the kernel fills a new folder with files: it is a control group',
    expected: wanted.join(' and '),
    observed: wanted.filter(file => files.includes(file)).join(' and ') || 'neither',
    holds: wanted.every(file => files.includes(file)),
  });
}

async function startTheLoop({ lab, shell }: Stage): Promise<number> {
  lab.say('Now something that takes all it can get, in the background:');
  const started = await shell.type('while : ; do : ; done &');
  const pid = Number(/^\[\d+\] (\d+)$/.exec(started[0] ?? '')?.[1]);
  const use = await watch(lab, shell, pid, whole);
  lab.expect({
    claim: 'an endless loop takes a whole processor',
    expected: 'about 100 % (70 to 105)',
    observed: `${use.percent.toFixed(1)} %`,
    holds: whole(use),
  });
  return pid;
}

async function readTheLimit({ lab, shell, v1 }: Stage): Promise<void> {
  lab.say('What does the new group allow? No quota, in a period of 100 ms:');
  const answer = v1
    ? [
        ...(await shell.type('cat container/cpu.cfs_quota_us')),
        ...(await shell.type('cat container/cpu.cfs_period_us')),
      ]
    : await shell.type('cat container/cpu.max');
  const expected = v1 ? '-1 100000' : 'max 100000';
  lab.expect({
    claim: 'a new group has no limit, and a period of 100 ms',
    expected,
    observed: answer.join(' '),
    holds: answer.join(' ') === expected,
  });
}

/** The trap: the limit is set, and nothing slows down. */
async function writeTheLimit({ lab, shell, v1 }: Stage, pid: number): Promise<void> {
  lab.say(
    'So write 20 ms of every 100 ms. How much will the loop have then? Predict, ' +
      'before you look.',
  );
  const file = v1 ? 'container/cpu.cfs_quota_us' : 'container/cpu.max';
  await shell.type(`echo ${v1 ? '20000' : '"20000 100000"'} > ${file}`);
  const use = await watch(lab, shell, pid, whole);
  lab.say(
    'As much as before. The group is limited, and it is empty: the loop stands ' +
      'somewhere else.',
  );
  lab.expect({
    claim: 'a limit without a process limits nothing',
    expected: 'still about 100 % (70 to 105)',
    observed: `${use.percent.toFixed(1)} %`,
    holds: whole(use),
  });
}

async function moveTheProcess({ lab, shell, v1 }: Stage, pid: number): Promise<void> {
  lab.say('The number of the process, written into a file, moves it:');
  await shell.type(`echo ${pid} > container/${v1 ? 'tasks' : 'cgroup.procs'}`);
  const use = await watch(lab, shell, pid, aFifth);
  const [throttled = ''] = await shell.type('grep nr_throttled container/cpu.stat');
  lab.expect({
    claim: 'the loop gets a fifth of a processor',
    expected: 'about 20 % (15 to 25), in periods cut short',
    observed: `${use.percent.toFixed(1)} %, ${throttled}`,
    holds: aFifth(use) && Number(throttled.split(' ')[1]) > 3,
  });
  showTwins(lab, v1 ? 'v1' : 'v2', [
    ['cpu.cfs_quota_us', 'cpu.max, first word', '20000; no limit: -1, in v2 max'],
    ['cpu.cfs_period_us', 'cpu.max, second word', '100000'],
    ['tasks', 'cgroup.threads', 'a thread by its number'],
    ['cgroup.procs', 'cgroup.procs', 'a process with all its threads'],
    ['cpu.stat', 'cpu.stat', 'how often it was throttled'],
  ]);
}

async function cleanUp({ lab, shell }: Stage): Promise<void> {
  lab.say('And away with it. A group goes when nobody is in it, by rmdir:');
  await shell.type('rmdir container');
  await shell.type('kill %1; sleep 0.3');
  const left = await shell.type('rmdir container; ls -d container');
  lab.expect({
    claim: 'a group with a process in it stays, an empty one goes',
    expected: 'no such file',
    observed: left.at(-1) ?? '',
    holds: /No such file/.test(left.at(-1) ?? ''),
  });
}

const whole = ({ percent }: ProcessorUse): boolean => percent > 70 && percent < 105;
const aFifth = ({ percent }: ProcessorUse): boolean => percent > 15 && percent < 25;

/** What top says of the process, and the kernel's own count over the same time. */
async function watch(
  lab: Lab,
  shell: HostShell,
  pid: number,
  fits: (use: ProcessorUse) => boolean,
): Promise<ProcessorUse> {
  const look = async (): Promise<ProcessorUse> => {
    const use = await measure(pid, () =>
      shell.type(`top -b -d 2 -n 2 -p ${pid} | tail -n 2`),
    );
    lab.show([
      'By its own counters, on a processor that does nothing else:',
      topLine(use),
    ]);
    return use;
  };
  return await untilItFits(lab, look, fits);
}
