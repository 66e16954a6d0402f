// The checkpoints of chapter 06: what a program has to show that gives containers a
// network. They know its command line and nothing else of it; the rest is what the
// kernel lists, and who answers whom.
//
// - `checkpoints`: in the order of the prose, each with the mistakes that it recognises
//
// checkpoints.test.ts puts them to SUBJECT, or to this chapter's run.ts;
// wrong-answers.test.ts puts wrong programs to them.

import type { Checkpoint } from '@slipway/lab/checkpoint.ts';
import { connectedCheckpoints } from './checkpoints/connected.ts';
import { nameCheckpoints } from './checkpoints/names.ts';
import { publishedCheckpoints } from './checkpoints/published.ts';

export const checkpoints: readonly Checkpoint[] = [
  ...connectedCheckpoints,
  ...publishedCheckpoints,
  ...nameCheckpoints,
];
