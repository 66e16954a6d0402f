// The experiments of chapter 01, in the order of the prose.
import type { Experiment } from '@slipway/lab';

export const experiments: readonly Experiment[] = [];
