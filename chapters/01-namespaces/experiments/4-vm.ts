// Experiment 4, second half: a container and a virtual machine, compared in facts.
//
// - time until a program speaks, memory while idle (of its process), kernel, boot id
// - no guest to be had: NOT RUN, with the reason that the guest command gives

import { readFileSync } from 'node:fs';
import { experiment, type Lab } from '@slipway/lab';
import { startContainer } from './apparatus/conversation.ts';
import {
  guestCommand,
  proportionalMemory,
  startGuest,
  type Machine,
} from './apparatus/guest.ts';
import { toIsolate } from './apparatus/rights.ts';

export const vm = experiment(
  'vm',
  'A machine, and what looks like one',
  [
    ...toIsolate,
    'user-namespace',
    'namespace:time',
    'tool:qemu-system-x86_64',
    'tool:mkfs.ext4',
    'tool:setpriv',
  ],
  async lab => {
    lab.say(
      'A container is said to be a light virtual machine. Here is one of each, ' +
        'both of them idle. How far apart are they: twice, ten times, more? Say a ' +
        'number.',
    );
    const box = await measureContainer(lab);
    const guest = await measureGuest(lab);
    lab.show([
      compared('until a program speaks', box, guest, ({ bootMs }) => seconds(bootMs)),
      compared('memory while idle', box, guest, one => megabytes(one.memoryBytes)),
      compared('kernel', box, guest, one => one.release),
      compared('boot id', box, guest, one => one.bootId.slice(0, 8)),
    ]);
    judge(lab, box, guest);
  },
);

async function measureContainer(lab: Lab): Promise<Machine> {
  const started = performance.now();
  const container = await startContainer(lab, ['--all', '--hostname', 'box']);
  const [release = ''] = await container.ask('uname -r');
  const bootMs = performance.now() - started;
  const [bootId = ''] = await container.ask('cat /proc/sys/kernel/random/boot_id');
  return { bootMs, release, bootId, memoryBytes: proportionalMemory(container.pid) };
}

async function measureGuest(lab: Lab): Promise<Machine> {
  lab.say('Now the machine. It boots a kernel of its own; that takes some seconds.');
  lab.show([`$ ${guestCommand}`]);
  const guest = await startGuest();
  if (typeof guest === 'string') return lab.notRun(guest);
  lab.hold(guest);
  lab.show([guest.release]);
  if (guest.accelerator !== 'kvm') {
    lab.say(
      'To be fair to it: QEMU finds no hardware for machines here, and emulates ' +
        'every instruction. With KVM the first row would be shorter; the others not.',
    );
  }
  return guest;
}

function judge(lab: Lab, box: Machine, guest: Machine): void {
  const ours = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  lab.expect({
    claim: 'the machine has a kernel of its own, the container has ours',
    expected: `container ${ours.slice(0, 8)}, VM another one`,
    observed: `container ${box.bootId.slice(0, 8)}, VM ${guest.bootId.slice(0, 8)}`,
    holds: box.bootId === ours && guest.bootId !== ours,
  });
  const times = guest.bootMs / box.bootMs;
  const sizes = guest.memoryBytes / box.memoryBytes;
  lab.expect({
    claim: 'that kernel is what the machine costs',
    expected: 'more time and more memory than the container',
    observed: `${times.toFixed(0)} times as long, ${sizes.toFixed(0)} times the memory`,
    holds: times > 1 && sizes > 1,
  });
  lab.say(
    'It buys something, too. To get out of the machine one has to break its ' +
      'emulator; to get out of the container, the kernel that everybody here ' +
      'shares.',
  );
}

function compared(
  fact: string,
  container: Machine,
  guest: Machine,
  show: (one: Machine) => string,
): Readonly<Record<string, string>> {
  return { fact, container: show(container), VM: show(guest) };
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(3)} s`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}
