// Experiment 3, devices: which device files may be opened, whatever their mode says.
//
// Version 1 has two files for it; version 2 asks an eBPF program that is put on the
// group. A hybrid machine shows both.
// Sources: devices.rst (version 1) and cgroup-v2.rst in the kernel's documentation,
// bpf(2).

import { existsSync } from 'node:fs';
import { experiment, type Lab } from '@slipway/lab';
import type { Group } from '../../group/group.ts';
import type { DeviceRule } from '../../limits/limits.ts';
import { openHostShell } from '../apparatus/host-shell.ts';
import {
  directoryOf,
  makeGroup,
  need,
  showProgram,
  worldOf,
} from '../apparatus/lab-groups.ts';
import { showTwins } from '../apparatus/twins.ts';

export const devices = experiment(
  'devices',
  'devices: root, and yet not allowed',
  ['root', 'native'],
  async lab => {
    need(lab, 'devices');
    lab.say(
      '/dev/zero is character device 1:5, and its mode lets everybody read it. We ' +
        'are root besides.',
    );
    if (worldOf('devices') === 'v1') await denyByFile(lab);
    await denyByProgram(lab);
    showTwins(lab, worldOf('devices'), [
      ['devices.allow, devices.deny', '(no file)', 'in v2 an eBPF program'],
    ]);
  },
);

async function denyByFile(lab: Lab): Promise<void> {
  const group = await makeGroup(lab, {}, ['devices']);
  const shell = await openHostShell(lab, { group });
  await shell.type(`cd ${directoryOf(group, 'devices')}`);
  const [before] = await shell.type('head -c 4 /dev/zero | wc -c');
  await shell.type("echo 'c 1:5 r' > devices.deny");
  const after = await shell.type('head -c 4 /dev/zero');
  await shell.type('head -c 4 /dev/urandom | wc -c');
  judge(lab, 'a device that is denied cannot be opened, not by root either', [
    before,
    after,
  ]);
}

const deny: DeviceRule = { allow: false, type: 'c', major: 1, minor: 5, access: 'r' };

async function denyByProgram(lab: Lab): Promise<void> {
  const group = await makeGroup(lab, {}, ['devices']);
  const directory = version2Of(group);
  if (directory === undefined) return; // version 1 alone
  lab.say(
    'Version 2 has no such file. There the kernel asks a program: 0 is no. It has no ' +
      'loops and is checked before it is taken, so it may run inside the kernel at ' +
      'each open and each mknod. The same rule, as a program on a version 2 group:',
  );
  const shell = await openHostShell(lab, { group });
  const [before] = await shell.type('head -c 4 /dev/zero | wc -c');
  showProgram(lab, directory, [deny]);
  const after = await shell.type('head -c 4 /dev/zero');
  await shell.type('head -c 4 /dev/urandom | wc -c');
  judge(lab, 'what a program on the group denies cannot be opened, either', [
    before,
    after,
  ]);
}

function version2Of({ directories }: Group): string | undefined {
  return directories.find(directory => existsSync(`${directory}/cgroup.controllers`));
}

function judge(
  lab: Lab,
  claim: string,
  [before, after]: readonly [string | undefined, readonly string[]],
): void {
  const refusal = after.join(' ').split(': ').at(-1) ?? '';
  lab.expect({
    claim,
    expected: '4 bytes, then Operation not permitted',
    observed: `${before} bytes, then ${refusal}`,
    holds: before === '4' && refusal === 'Operation not permitted',
  });
}
