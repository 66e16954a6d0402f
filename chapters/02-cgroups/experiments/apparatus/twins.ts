// A file of one world, and its twin in the other.
//
// - showTwins(lab, world, rows): the files that were used here, each beside its twin
//
// A learner's machine has one world, the texts about it often the other one.

import type { Lab } from '@slipway/lab';
import type { World } from '../../hierarchies/hierarchies.ts';

/** The file in version 1, in version 2, and what stands in it. */
export type Twins = readonly [v1: string, v2: string, what: string];

export function showTwins(lab: Lab, world: World, rows: readonly Twins[]): void {
  const [here, there] = world === 'v1' ? ['v1', 'v2'] : ['v2', 'v1'];
  lab.show(
    rows.map(([v1, v2, what]) => ({
      [`here (${here})`]: world === 'v1' ? v1 : v2,
      [`its twin (${there})`]: world === 'v1' ? v2 : v1,
      what,
    })),
  );
}
