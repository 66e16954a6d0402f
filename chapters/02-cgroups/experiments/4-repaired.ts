// Experiment 4: the six files of /proc and /sys computed from the group, and mounted
// over the real ones; and who does not read them.
//
// nproc asks sched_getaffinity(2), which no file can answer. The runtime tells it by
// the environment; only a cpuset changes what the scheduler itself says.
// Sources: proc(5), nproc(1), sched_getaffinity(2), lxcfs(1).

import { setTimeout as pause } from 'node:timers/promises';
import { experiment, type Lab } from '@slipway/lab';
import { openContainer, type Container } from './apparatus/container-shell.ts';
import { need } from './apparatus/lab-groups.ts';
import { firstProcessor } from './apparatus/processor-time.ts';

const limits = ['--cpus', '0.2', '--memory', '64m', '--pid', '--mount'];

export const repaired = experiment(
  'repaired',
  'A /proc that knows',
  ['root', 'native', 'tool:free', 'tool:nproc', 'tool:top'],
  async lab => {
    need(lab, 'cpu', 'memory', 'cpuset');
    lab.say(
      'The group knows its limits and what it uses. So compute the files from the ' +
        'group, and mount them over the real ones: the runtime of this chapter does ' +
        'that by default.',
    );
    const container = await openContainer(lab, limits);
    await readTheTruth(lab, container);
    await watchItMove(lab, container);
    await askTheScheduler(lab, container);
  },
);

async function readTheTruth(lab: Lab, container: Container): Promise<void> {
  const free = await container.ask('free -m | head -n 2 | cut -c 1-55');
  const [processors = ''] = await container.ask('nproc');
  const [listed = ''] = await container.ask('grep -c ^processor /proc/cpuinfo');
  await container.ask('cat /sys/devices/system/cpu/online /proc/loadavg');
  await container.ask('top -b -n 1 | head -n 4');
  const total = free.at(1)?.split(/\s+/)[1] ?? '';
  lab.expect({
    claim: 'free, nproc and /proc/cpuinfo tell the truth of the container',
    expected: '64 MiB, 1, 1',
    observed: `${total} MiB, ${processors}, ${listed}`,
    holds: total === '64' && processors === '1' && listed === '1',
  });
}

/** It is not a photograph: the files are written anew each second. */
async function watchItMove(lab: Lab, container: Container): Promise<void> {
  lab.say('Now the shell itself takes 16 MiB. Does free see it?');
  const used = async (): Promise<number> =>
    Number(
      (await container.ask('free -m | head -n 2 | cut -c 1-55')).at(1)?.split(/\s+/)[2],
    );
  const before = await used();
  await container.ask('x=$(head -c 16777216 /dev/zero | tr "\\0" x)');
  await pause(2200);
  const after = await used();
  lab.expect({
    claim: 'what is used inside is seen inside, a second later',
    expected: `${before} MiB before, about 16 more after (12 to 24)`,
    observed: `${before} MiB before, ${after} MiB after`,
    holds: after - before >= 12 && after - before <= 24,
  });
}

const unset = 'env -u OMP_NUM_THREADS nproc';

async function askTheScheduler(lab: Lab, container: Container): Promise<void> {
  lab.say(
    'nproc has read none of these files. It asks the scheduler on which processors ' +
      'it may run, and a quota is no set: that is still all of them. But it believes ' +
      'OMP_NUM_THREADS, and the runtime has set that. Without it:',
  );
  const [quota = ''] = await container.ask(unset);
  lab.show([
    { program: 'free', asks: '/proc/meminfo' },
    { program: 'top', asks: '/proc/meminfo, stat, cpuinfo, uptime, loadavg' },
    { program: 'getconf, sysconf(3)', asks: '/sys/devices/system/cpu/online' },
    { program: 'nproc', asks: 'OMP_NUM_THREADS, then sched_getaffinity(2)' },
    { program: "busybox's nproc, taskset", asks: 'sched_getaffinity(2) alone' },
  ]);
  lab.say('What changes the answer of the scheduler itself is a cpuset:');
  const flags = [...limits, '--cpuset-cpus', String(firstProcessor())];
  const bound = await openContainer(lab, flags);
  const [set = ''] = await bound.ask(unset);
  lab.expect({
    claim: 'who asks the scheduler needs a cpuset to hear of one processor',
    expected: 'with a quota those of the machine, with a cpuset 1',
    observed: `with a quota ${quota}, with a cpuset ${set}`,
    holds: Number(quota) >= 1 && set === '1',
  });
}
