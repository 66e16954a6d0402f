// The version 1 hierarchy of a controller that nothing else offers here.
//
// - openHierarchy(lab, controller): a shell, in a network and with mounts of its own,
//   that stands in a new group `lab` there, or NOT RUN with the kernel's reason
// - closeHierarchy(shell): removes the group and the mount
//
// A controller that is bound to no hierarchy can be mounted at any time. The mount is
// in the shell's namespace only; the hierarchy goes when its last group and mount are
// gone.

import type { Lab } from '@slipway/lab';
import { linuxControlGroups } from '../group/control-groups.ts';
import type { Controller } from '../hierarchies/controllers.ts';
import { openHostShell, type HostShell } from './host-shell.ts';

export async function openHierarchy(
  lab: Lab,
  controller: Controller,
): Promise<HostShell> {
  const found = linuxControlGroups().hierarchies.of[controller];
  if (found.world === 'absent' && !found.reason.startsWith('the kernel has it')) {
    lab.notRun(`needs the controller ${controller}: ${found.reason}`);
  }
  const shell = await openHostShell(lab, { unshare: ['--mount', '--net'] });
  if (found.world === 'v1') {
    await shell.type(`mount --bind ${found.hierarchy.mountPoint} /mnt`);
  } else {
    lab.say('No hierarchy offers it here, so the shell mounts one for itself:');
    const how = `mount -t cgroup -o ${controller} ${controller} /mnt`;
    const answer = await shell.type(`${how} && echo mounted`);
    if (answer[0] !== 'mounted') lab.notRun(`the kernel says: ${answer.join(' ')}`);
  }
  await shell.type('mkdir -p /mnt/slipway-lab; cd /mnt/slipway-lab');
  return shell;
}

export async function closeHierarchy(shell: HostShell): Promise<void> {
  // The kernel needs a moment for the group before the mount can take its hierarchy.
  await shell.type('cd /; echo $$ > /mnt/cgroup.procs; rmdir /mnt/slipway-lab');
  await shell.type('sleep 0.3; umount /mnt');
}
