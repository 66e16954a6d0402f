// The checkpoints of chapter 05: what a program has to show that gives containers
// volumes. They know its command line and nothing else of it; the rest is /proc and the
// files of the host.
//
// - `checkpoints`: in the order of the prose, each with the mistakes that it recognises
//
// checkpoints.test.ts puts them to SUBJECT, or to this chapter's run.ts;
// wrong-answers.test.ts puts wrong programs to them.

import type { Checkpoint } from '@slipway/lab/checkpoint.ts';
import { bindCheckpoints } from './checkpoints/binds.ts';
import { namedCheckpoints } from './checkpoints/named.ts';
import { refusalCheckpoints } from './checkpoints/refusals.ts';

export const checkpoints: readonly Checkpoint[] = [
  ...bindCheckpoints,
  ...namedCheckpoints,
  ...refusalCheckpoints,
];
