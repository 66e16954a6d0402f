// The experiments of chapter 03, in the order of the prose.
// Each stands in a file of its own, numbered as the section that it belongs to.
//

import type { Experiment } from '@slipway/lab';

export const experiments: readonly Experiment[] = [];
