// Control groups for experiments: in the ledger before they are made, gone afterwards.
//
// - makeGroup(lab, request): one of the chapter's own groups, with its limits
// - favouredGroup(lab): one whose processes get a processor even on a busy machine
// - setShown(lab, group, limits): shows what is written, and writes it
// - showProgram(lab, directory, rules): the same for device rules of version 2
// - need(lab, …controllers), worldOf(controller): in which world a controller is here
//
// Names hold the process's number and a random part: two runs at once do not meet.

import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { record, settle, type Lab } from '@slipway/lab';
import { quoteForShell } from '@slipway/lab/experiment/layout.ts';
import { createGroup } from '../../group/control-groups.ts';
import { linuxControlGroups } from '../../group/machine.ts';
import { controllers, type Controller } from '../../hierarchies/controllers.ts';
import type { Group } from '../../group/group.ts';
import type { World } from '../../hierarchies/hierarchies.ts';
import { linuxHost } from '../../hierarchies/host.ts';
import type { DeviceRule, Limits } from '../../limits/limits.ts';
import {
  applySettings,
  explainSettings,
  isFile,
  type Setting,
} from '../../limits/setting.ts';
import { seatsFor } from '../../group/seats.ts';
import { settingsV2 } from '../../v2/settings.ts';

/** The rest of the experiment needs these, in whichever world. */
export function need(lab: Lab, ...wanted: readonly Controller[]): void {
  const { of } = linuxControlGroups().hierarchies;
  for (const controller of wanted) {
    const found = of[controller];
    if (found.world === 'absent') {
      lab.notRun(`needs the controller ${controller}: ${found.reason}`);
    }
  }
}

/** Call `need` first: an absent controller counts as version 2. */
export function worldOf(controller: Controller): World {
  const found = linuxControlGroups().hierarchies.of[controller];
  return found.world === 'absent' ? 'v2' : found.world;
}

export async function makeGroup(
  lab: Lab,
  limits: Limits = {},
  wanted?: readonly Controller[],
): Promise<Group> {
  const machine = linuxControlGroups();
  const name = `lab-${process.pid}-${randomBytes(2).toString('hex')}`;
  const seats = seatsFor(machine, { name }, new Set(controllers));
  const entries = seats.map(({ directory }) =>
    record({ kind: 'cgroup', target: directory }),
  );
  lab.hold({ [Symbol.dispose]: () => entries.forEach(entry => settle(entry)) });
  const request = { name, limits, ...(wanted && { controllers: wanted }) };
  return lab.hold(await createGroup(machine, request));
}

/**
 * A group of the cpu controller with so large a share, it and the one around it, that
 * other programs of this machine do not disturb what is measured in it.
 */
export async function favouredGroup(lab: Lab): Promise<Group> {
  const group = await makeGroup(lab, { cpuShares: 262_144 }, ['cpu']);
  const home = dirname(directoryOf(group, 'cpu'));
  const file = `${home}/${worldOf('cpu') === 'v1' ? 'cpu.shares' : 'cpu.weight'}`;
  const before = readFileSync(file, 'utf8');
  writeFileSync(file, '10000');
  lab.hold({
    [Symbol.dispose]: () => {
      // The home goes with its last group; somebody else's keeps what it had.
      if (existsSync(file)) writeFileSync(file, before);
    },
  });
  return group;
}

/** @throws Error if the group was made without this controller */
export function directoryOf(group: Group, controller: Controller): string {
  const directory = group.directoryOf(controller);
  if (directory !== undefined) return directory;
  throw new Error(`the group ${group.name} was made without ${controller}`);
}

/** The writes as the reader can type them, and then the writes. */
export function setShown(lab: Lab, group: Group, limits: Limits): void {
  const settings = group.settingsFor(limits);
  const folders = [...new Set(settings.map(({ directory }) => directory))];
  lab.show(
    folders.flatMap(folder => [
      `# cd ${folder}`,
      ...settings.filter(({ directory }) => directory === folder).flatMap(asTyped),
    ]),
  );
  group.set(limits);
}

/** Device rules as the program that a version 2 group is asked to keep, put on it. */
export function showProgram(
  lab: Lab,
  directory: string,
  rules: readonly DeviceRule[],
): void {
  const settings = settingsV2({ devices: rules }, { directory, look: () => undefined });
  lab.show(explainSettings(settings));
  applySettings(linuxHost(), settings);
}

function asTyped(setting: Setting): string[] {
  if (!isFile(setting)) return explainSettings([setting]);
  return [`# echo ${quoteForShell(setting.value)} > ${setting.file}`];
}
