// The checkpoints of chapter 02: what a program has to show that limits containers.
// They know its command line and nothing else of it; the rest the kernel says.
//
// - `checkpoints`: in the order of the prose, each with the mistakes that it recognises
//
// checkpoints.test.ts puts them to SUBJECT, or to this chapter's run.ts;
// wrong-answers.test.ts puts wrong programs to them.

import type { Checkpoint } from '@slipway/lab/checkpoint.ts';
import { firstProcessCheckpoints } from './checkpoints/first-process.ts';
import { lifeCheckpoints } from './checkpoints/life.ts';
import { limitCheckpoints } from './checkpoints/limits.ts';

export const checkpoints: readonly Checkpoint[] = [
  ...limitCheckpoints,
  ...lifeCheckpoints,
  ...firstProcessCheckpoints,
];
