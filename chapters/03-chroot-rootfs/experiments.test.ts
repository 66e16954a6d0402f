// The documented experiments as a reader starts them: run.ts, in a process of its own.

import { experimentTests } from '@slipway/lab/suites/experiments.ts';

const ids = [
  ...['chroot', 'mount', 'escape', 'rootfs'],
  // Node in an empty root stands in the file of what it is an example of.
  ...['consistency', 'application', 'kernel'],
];

experimentTests({ folder: import.meta.dirname, ids, files: ids.length - 1 });
