// What all containers of one native driver share.
//
// - `Shared`: found or made once
// - `heldRoot`: under this name a keeper holds a clone of the root
// - `usualSize`: of a terminal of which nobody has said it

import type { WaitingKeeper } from '@slipway/native';
import type { Spares } from '../../engine/spares.ts';
import type { ControlGroups } from '../../libcontainer/groups.ts';
import type { SeccompFilters } from '../../libcontainer/seccomp/filters.ts';

export interface Shared {
  readonly groups: ControlGroups;
  /** False: the kernel does not count swap, so there is nothing to limit. */
  readonly countsSwap: boolean;
  readonly filters: SeccompFilters;
  /** Those that have nothing to keep yet. */
  readonly keepers: Spares<WaitingKeeper>;
}

export const heldRoot = 'root';

export const usualSize = { rows: 24, columns: 80 } as const;
