import type { Experiment } from '@slipway/lab';
export function experimentsOn(_: 'this' | 'stand-in'): readonly Experiment[] { return []; }
