// Experiment 3, devices: which device files may be opened, whatever their mode says.
// Source: devices.rst in the kernel's documentation (version 1).

import { experiment } from '@slipway/lab';
import { openHostShell } from './host-shell.ts';
import { directoryOf, makeGroup, need } from './lab-groups.ts';
import { showTwins } from './twins.ts';

export const devices = experiment(
  'devices',
  'devices: root, and yet not allowed',
  ['root'],
  async lab => {
    need(lab, 'devices');
    const group = await makeGroup(lab, {}, ['devices']);
    const shell = await openHostShell(lab, { group });
    lab.say(
      '/dev/zero is character device 1:5, and its mode lets everybody read it. We ' +
        'are root besides.',
    );
    await shell.type(`cd ${directoryOf(group, 'devices')}`);
    const [before] = await shell.type('head -c 4 /dev/zero | wc -c');
    await shell.type("echo 'c 1:5 r' > devices.deny");
    const after = await shell.type('head -c 4 /dev/zero');
    await shell.type('head -c 4 /dev/urandom | wc -c');
    lab.expect({
      claim: 'a device that is denied cannot be opened, not by root either',
      expected: '4 bytes, then Operation not permitted',
      observed: `${before} bytes, then ${after.join(' ').split(': ').at(-1)}`,
      holds: before === '4' && after.join(' ').endsWith('Operation not permitted'),
    });
    showTwins(lab, 'v1', [
      ['devices.allow, devices.deny', '(none)', 'in v2 an eBPF program'],
    ]);
  },
);
