// The documented experiments as a reader starts them: run.ts, in a process of its own.

import { experimentTests } from '@slipway/lab/suites/experiments.ts';

const ids = [
  'textbook',
  ...['limitation', 'shares', 'block-io', 'accounting', 'control'],
  ...['devices', 'cpuset', 'cpu', 'cpuacct', 'memory', 'freezer', 'net-cls'],
  ...['net-prio', 'hugetlb', 'perf-event', 'blkio', 'pids', 'rdma', 'misc'],
  ...['host-shown', 'repaired', 'signals', 'zombies', 'together', 'no-window'],
];

experimentTests({ folder: import.meta.dirname, ids });
