// The hierarchy of a controller that most machines have mounted nowhere.
//
// - openHierarchy(lab, controller): a shell, in a network and with mounts of its own,
//   in the folder of a new group there, or NOT RUN with the kernel's reason
// - closeHierarchy(shell): removes the group and the mount
//
// A controller that is bound to no hierarchy can be mounted, as version 1, at any time.
// The mount is in the shell's namespace only; the hierarchy goes when its last group
// and its last mount are gone.

import { readFileSync } from 'node:fs';
import { record, settle, type Lab } from '@slipway/lab';
import { linuxControlGroups } from '../../group/machine.ts';
import type { Controller } from '../../hierarchies/controllers.ts';
import { openHostShell, type HostShell } from './host-shell.ts';

export async function openHierarchy(
  lab: Lab,
  controller: Controller,
): Promise<HostShell> {
  const found = linuxControlGroups().hierarchies.of[controller];
  if (found.world === 'absent' && !isBuiltIn(controller)) {
    lab.notRun(`needs the controller ${controller}: ${found.reason}`);
  }
  if (found.world !== 'absent') {
    const target = `${found.hierarchy.mountPoint}/slipway-lab`;
    const id = record({ kind: 'cgroup', target });
    lab.hold({ [Symbol.dispose]: () => settle(id) });
  }
  const shell = await openHostShell(lab, { unshare: ['--mount', '--net'] });
  if (found.world === 'absent') {
    lab.say('No hierarchy offers it here, so the shell mounts one for itself:');
    const how = `mount -t cgroup -o ${controller} ${controller} /mnt`;
    const answer = await shell.type(`${how} && echo mounted`);
    if (answer[0] !== 'mounted') lab.notRun(`the kernel says: ${answer.join(' ')}`);
  } else await shell.type(`mount --bind ${found.hierarchy.mountPoint} /mnt`);
  await shell.type('mkdir -p /mnt/slipway-lab; cd /mnt/slipway-lab');
  return shell;
}

/** `#subsys_name hierarchy num_cgroups enabled` */
function isBuiltIn(controller: Controller): boolean {
  const lines = readFileSync('/proc/cgroups', 'utf8').split('\n');
  return lines.some(line => line.startsWith(`${controller}\t`) && line.endsWith('\t1'));
}

export async function closeHierarchy(shell: HostShell): Promise<void> {
  // The kernel needs a moment for the group before the mount can take its hierarchy.
  await shell.type('cd /; echo $$ > /mnt/cgroup.procs; rmdir /mnt/slipway-lab');
  await shell.type('sleep 0.3; umount /mnt');
}
