// The checkpoints of chapter 04: what a program has to show that makes containers of
// images. They know its command line and nothing else of it; the rest is the kernel's,
// GNU tar's and the disk's.
//
// - `checkpoints`: in the order of the prose, each with the mistakes that it recognises
//
// checkpoints.test.ts puts them to SUBJECT, or to this chapter's run.ts;
// wrong-answers.test.ts puts wrong programs to them.

import type { Checkpoint } from '@slipway/lab/checkpoint.ts';
import { containerCheckpoints } from './checkpoints/containers.ts';
import { unionCheckpoints } from './checkpoints/unions.ts';

export const checkpoints: readonly Checkpoint[] = [
  ...unionCheckpoints,
  ...containerCheckpoints,
];
