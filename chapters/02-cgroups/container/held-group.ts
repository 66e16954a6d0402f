// The group of one run: in the ledger before it exists, gone when the run ends.
//
// - `holdGroup(machine, limits)`: makes it; disposing ends what is in it and removes it
// - `explainGroup(machine, limits)`: the mkdir and echo lines; nothing is made
//
// Who is killed with SIGKILL removes nothing: then `npm run clean` finds the group in
// the ledger. Who may not make groups and wants no limits runs without any.

import { randomBytes } from 'node:crypto';
import { record, settle } from '@slipway/lab';
import { createGroup, usualControllers } from '../group/control-groups.ts';
import type { ControlGroups } from '../group/machine.ts';
import { groupOf, type Group } from '../group/group.ts';
import { controllerOf, namesOf, type Limits } from '../limits/limits.ts';
import { seatsFor } from '../group/seats.ts';
import { explainSettings } from '../limits/setting.ts';

/** Beside those of the limits: what `stats`, `pause` and `update` work with. */
const usual = usualControllers.filter(controller => controller !== 'devices');

/** @throws ControlGroupError when a limit cannot be kept; then nothing is left */
export async function holdGroup(
  machine: ControlGroups,
  limits: Limits,
): Promise<Group> {
  const name = `run-${process.pid}-${randomBytes(2).toString('hex')}`;
  const entries = seatsOf(machine, name, limits).map(({ directory }) =>
    record({ kind: 'cgroup', target: directory }),
  );
  const settleAll = (): void => {
    for (const entry of entries) settle(entry);
  };
  try {
    const group = await createGroup(machine, { name, limits, controllers: usual });
    return {
      ...group,
      [Symbol.asyncDispose]: async () => {
        await group[Symbol.asyncDispose]();
        settleAll();
      },
    };
  } catch (error) {
    settleAll();
    throw error;
  }
}

/** What would be done; the number in the name is that of the process that does it. */
export function explainGroup(
  machine: ControlGroups,
  limits: Limits,
): { readonly directories: readonly string[]; readonly lines: readonly string[] } {
  const name = 'run-PID';
  const seats = seatsOf(machine, name, limits);
  const group = groupOf(machine, { name }, seats);
  const made = group.directories.map(directory => `mkdir -p ${directory}`);
  const lines = [...made, ...explainSettings(group.settingsFor(limits))];
  return { directories: group.directories, lines };
}

function seatsOf(
  machine: ControlGroups,
  name: string,
  limits: Limits,
): ReturnType<typeof seatsFor> {
  const needed = namesOf(limits).map(limit => controllerOf[limit]);
  return seatsFor(machine, { name }, new Set([...usual, ...needed]));
}
