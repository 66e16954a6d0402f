/**
 * The groups of a contestant: made and removed in each round, under one name in all of them.
 *
 * - groupsOfRounds(limits)  → { make(), [Symbol.asyncDispose]() }
 *
 * They are in the ledger from before the first round: `npm run clean` knows them after a crash. The
 * home that they lie in stays from round to round.
 */
import { createGroup, linuxControlGroups, type Limits } from '@slipway/cgroups';
import { usualControllers } from '@slipway/cgroups/group/control-groups.ts';
import type { Group } from '@slipway/cgroups/group/group.ts';
import { seatsFor } from '@slipway/cgroups/group/seats.ts';
import { record, settle } from '@slipway/lab';

export interface GroupsOfRounds extends AsyncDisposable {
  /** The caller's to remove. */
  make(): Promise<Group>;
}

export function groupsOfRounds(limits: Limits): GroupsOfRounds {
  const machine = linuxControlGroups(true);
  const name = `bench-${process.pid}`;
  const seats = seatsFor(machine, { name }, new Set(usualControllers));
  const entries = seats.map(({ directory }) => record({ kind: 'cgroup', target: directory }));
  return {
    make: () => createGroup(machine, { name, limits }),
    async [Symbol.asyncDispose]() {
      const last = await createGroup(linuxControlGroups(), { name });
      await last.remove();
      for (const entry of entries) settle(entry);
    },
  };
}
