// The checkpoints of chapter 01: what a program has to show that makes containers from
// namespaces. They know its command line and nothing else of it; the rest is /proc.
//
// - `checkpoints`: in the order of the prose, each with the mistakes that it recognises
//
// checkpoints.test.ts puts them to SUBJECT, or to this chapter's run.ts;
// wrong-answers.test.ts puts wrong programs to them.

import { enteringCheckpoints } from './checkpoints/entering.ts';
import { identityCheckpoints } from './checkpoints/identity.ts';
import { processCheckpoints } from './checkpoints/processes.ts';
import { viewCheckpoints } from './checkpoints/views.ts';
import type { Checkpoint } from '@slipway/lab/checkpoint.ts';

export const checkpoints: readonly Checkpoint[] = [
  ...processCheckpoints,
  ...viewCheckpoints,
  ...identityCheckpoints,
  ...enteringCheckpoints,
];
