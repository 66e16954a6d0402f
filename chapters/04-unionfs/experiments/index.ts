// The experiments of chapter 04, in the order of the prose.
// Each stands in a file of its own, numbered as the section that it belongs to.

import type { Experiment } from '@slipway/lab';
import { union } from './1-union.ts';
import { seven } from './2-seven.ts';
import { signs } from './3-signs.ts';
import { cow } from './4-cow.ts';
import { commit } from './5-commit.ts';
import { shared } from './6-shared.ts';

export const experiments: readonly Experiment[] = [
  union,
  seven,
  signs,
  cow,
  commit,
  shared,
];
