// Checkpoints about limits: each is in force, in whichever world its controller is.
//
// - `limitCheckpoints`: from the first instruction on, and one for each kind of limit
//
// Judged by the group's files, and by what the kernel then does to programs.

import {
  read,
  status,
  unless,
  type Checkpoint,
  type Subject,
} from '@slipway/lab/checkpoint.ts';
import { inOwnGroup, ranWell, runScript, soon, withContainer } from './evidence.ts';
import { controllerOf } from './hierarchy.ts';

export const limitCheckpoints: readonly Checkpoint[] = [
  {
    id: 'born-inside',
    sentence: 'the limits hold before the first instruction of the application',
    needs: ['root', 'tool:busybox', 'cgroup:memory'],
    examine: bornInside,
  },
  {
    id: 'processor-time',
    sentence: 'a fifth of a processor is a fifth of each period',
    needs: ['root', 'tool:busybox', 'cgroup:cpu'],
    examine: processorTime,
  },
  {
    id: 'memory',
    sentence: 'who wants more memory than the limit is ended, and told why',
    needs: ['root', 'tool:busybox', 'cgroup:memory'],
    examine: memory,
  },
  {
    id: 'processes',
    sentence: 'no more processes than allowed are born',
    needs: ['root', 'tool:busybox', 'cgroup:pids'],
    examine: processes,
  },
  {
    id: 'processors',
    sentence: 'the application runs on the processors that it was given',
    needs: ['root', 'tool:busybox', 'cgroup:cpuset'],
    examine: processors,
  },
];

const mebibyte = 2 ** 20;

async function bornInside(subject: Subject): Promise<void> {
  await withContainer(
    subject,
    ['--memory', '64m'],
    async ({ application, file, groups }) => {
      unless(
        groups.length > 0,
        'not-in-a-group',
        `process ${application} is in the groups of whoever started it\n` +
          `see /proc/${application}/cgroup. A limit binds who is in the group: was ` +
          'the pid written, was it the pid of the application, and does the file ' +
          'exist? Version 2 has cgroup.procs and no tasks.',
      );
      const where = read(application, 'cgroup');
      unless(
        inOwnGroup(where, 'memory'),
        'other-hierarchy',
        `process ${application} is in ${groups.join(', ')}, and for memory in no ` +
          'group of its own\n' +
          'version 1 has a tree for each controller, and the pid counts only in the ' +
          'tree where it was written: write it into cgroup.procs of each.',
      );
      const limit = (): string =>
        file('memory', ['memory.limit_in_bytes', 'memory.max']);
      unless(
        await soon(() => limit() === String(64 * mebibyte)),
        'other-memory-limit',
        `the memory limit of the group is ${limit() || 'none'}, not 67108864\n` +
          '64m are 64 times 1024 times 1024 bytes.',
      );
    },
  );
  const files = { v1: 'memory.limit_in_bytes', v2: 'memory.max' } as const;
  const { world } = controllerOf('memory');
  const script = `busybox cat "$memory/${files[world]}"`;
  const result = await runScript(subject, ['--memory', '64m'], script);
  unless(
    inOwnGroup(result.cgroup, 'memory'),
    'entered-late',
    'the application has run before it was in its group\n' +
      'its first instruction read /proc/self/cgroup and found the group of its ' +
      'starter. What it forks until it is moved stays outside for good: enter first, ' +
      'then exec.',
  );
  unless(
    result.stdout.trim() === String(64 * mebibyte),
    'limited-late',
    `the application was in its group and read a limit of ${result.stdout.trim()}\n` +
      'the limit came after the start: write the limits, then let somebody in.',
  );
}

async function processorTime(subject: Subject): Promise<void> {
  await withContainer(subject, ['--cpus', '0.2'], ({ file }) => {
    const { world } = controllerOf('cpu');
    const [quota = '', period = ''] =
      world === 'v2'
        ? file('cpu', ['', 'cpu.max']).split(' ')
        : [
            file('cpu', ['cpu.cfs_quota_us', '']),
            file('cpu', ['cpu.cfs_period_us', '']),
          ];
    unless(
      quota !== '' && quota !== '-1' && quota !== 'max',
      'no-quota',
      `the group may use all the time there is: the quota is ${quota || 'none'}\n` +
        '--cpus 0.2 is cpu.cfs_quota_us and cpu.cfs_period_us, or both in cpu.max.',
    );
    const share = Number(quota) / Number(period);
    unless(
      share === 0.2,
      'quota-and-period',
      `${quota} of each ${period} microseconds are ${share} processors, not 0.2\n` +
        'the quota is a part of the period: write both, or ask how long the period is.',
    );
  });
}

async function memory(subject: Subject): Promise<void> {
  await withContainer(subject, ['--memory', '32m'], ({ file }) => {
    const names = ['memory.memsw.limit_in_bytes', 'memory.swap.max'] as const;
    const swap = file('memory', names);
    const counted = swap !== '';
    unless(
      !counted || (Number(swap) > 0 && Number(swap) <= 64 * mebibyte),
      'swap-unlimited',
      `memory is limited and swap is not: ${swap}\n` +
        'at the limit the kernel would move the rest to swap, as much as it likes, ' +
        'and the machine gets slow for all.',
    );
  });
  const result = await runScript(
    subject,
    ['--memory', '32m'],
    'exec busybox tail /dev/zero',
  );
  unless(
    result.status === 137,
    'oom-status',
    `the application was killed at its limit, and the status is ${result.status}\n` +
      'SIGKILL ended it: 128 + 9.',
  );
  unless(
    /memory limit/.test(result.stderr),
    'oom-silent',
    'the memory limit ended the application, and nobody says so\n' +
      '137 could be anybody: memory.oom_control or memory.events of the group has ' +
      'oom_kill. Read it before the group is removed.',
  );
}

async function processes(subject: Subject): Promise<void> {
  const script = [
    'busybox cat "$pids/pids.max"',
    'for i in 1 2 3 4 5 6 7 8; do',
    '  busybox sleep 60 > /dev/null 2>&1 & all="$all $!"',
    'done',
    'kill $all',
  ].join('\n');
  const result = await runScript(subject, ['--pids', '6'], script);
  const [limit] = result.stdout.trim().split('\n');
  unless(
    limit === '6',
    'other-pids-limit',
    `the group may have ${limit || 'any number of'} processes, not 6: see pids.max`,
  );
  unless(
    /fork/i.test(result.stderr),
    'forks-go-on',
    'eight processes were started in a group for six\n' +
      'the limit counts what is in the group: are the children in it as well?',
  );
}

async function processors(subject: Subject): Promise<void> {
  const options = ['--cpuset-cpus', '0'];
  const result = await runScript(subject, options, 'busybox true');
  unless(
    !/No space left|ENOSPC|cpuset.*EACCES/.test(result.stderr),
    'cpuset-not-filled',
    'the group of the cpuset takes nobody in (ENOSPC), or no processors (EACCES)\n' +
      'a new group has no processors and no memory nodes. Fill cpuset.cpus and ' +
      'cpuset.mems first, and in each group on the way.',
  );
  ranWell(result, 'a script on processor 0');
  await withContainer(subject, options, ({ application }) => {
    const [list] = status(application, 'Cpus_allowed_list');
    unless(
      list === '0',
      'other-processors',
      `the application may run on ${list}, not on 0 alone\n` +
        `see Cpus_allowed_list in /proc/${application}/status.`,
    );
  });
}
