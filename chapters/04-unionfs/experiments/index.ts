// The experiments of chapter 04, in the order of the prose.

import type { Experiment } from '@slipway/lab';

export const experiments: readonly Experiment[] = [];
