// The experiments of chapter 05, in the order of the prose.
// Each stands in a file of its own, numbered as the section that it belongs to.
//

import type { Experiment } from '@slipway/lab';
import { literal } from './1-literal.ts';
import { inode } from './2-inode.ts';
import { init } from './3-init.ts';
import { kinds } from './4-kinds.ts';
import { named } from './4-named.ts';
import { owners } from './4-owners.ts';
import { propagation } from './4-propagation.ts';
import { views } from './5-views.ts';
import { race } from './6-race.ts';

export const experiments: readonly Experiment[] = [
  literal,
  inode,
  init,
  kinds,
  named,
  propagation,
  owners,
  views,
  race,
];
