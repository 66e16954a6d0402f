// The experiments of chapter 05, in the order of the prose.
// Each stands in a file of its own, numbered as the section that it belongs to.
//

import type { Experiment } from '@slipway/lab';
import { literal } from './1-literal.ts';
import { inode } from './2-inode.ts';
import { init } from './3-init.ts';

export const experiments: readonly Experiment[] = [literal, inode, init];
