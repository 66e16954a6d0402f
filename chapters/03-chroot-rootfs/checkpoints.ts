// The checkpoints of chapter 03: what a program has to show that gives containers a
// root of their own. They know its command line and nothing else of it; the rest is
// /proc.
//
// - `checkpoints`: in the order of the prose, each with the mistakes that it recognises
//
// checkpoints.test.ts puts them to SUBJECT, or to this chapter's run.ts;
// wrong-answers.test.ts puts wrong programs to them.

import type { Checkpoint } from '@slipway/lab/checkpoint.ts';
import { contentCheckpoints } from './checkpoints/contents.ts';
import { packingCheckpoints } from './checkpoints/packing.ts';
import { rootCheckpoints } from './checkpoints/roots.ts';
import { strangerCheckpoints } from './checkpoints/strangers.ts';

export const checkpoints: readonly Checkpoint[] = [
  ...packingCheckpoints,
  ...rootCheckpoints,
  ...contentCheckpoints,
  ...strangerCheckpoints,
];
