// What aufs did, on a kernel that has it (Ubuntu 20.04, Linux 5.4): recorded.
//
// - `recordedAufs`: the rows of the table "who wrote where"
// - `recordedBranches`: what stood in /sys/fs/aufs
//
// Where the kernel of this machine has aufs, the same is done live instead.

import type { Observation } from './unions.ts';

export const recordedAufs: readonly Observation[] = [
  {
    union: 'aufs dirs=A:B',
    seen: 'a b x',
    wroteB: 'copied up: A/b',
    created: 'A/n',
    removedB: 'A/.wh.b',
    removedX: 'A/x gone, A/.wh.x',
    source: 'recorded on Linux 5.4',
  },
  {
    union: 'aufs br:A=rw:B=rw',
    seen: 'a b x',
    wroteB: 'in place: B/b',
    created: 'A/n',
    removedB: 'B/b gone',
    removedX: 'A/x gone, A/.wh.x',
    source: 'recorded on Linux 5.4',
  },
];

export const recordedBranches: readonly string[] = [
  'none /run/au/C aufs rw,relatime,si=a474dd83021d205e 0 0',
  '/sys/fs/aufs/si_a474dd83021d205e/br0: /run/au/A=rw',
  '/sys/fs/aufs/si_a474dd83021d205e/br1: /run/au/B=ro',
];
