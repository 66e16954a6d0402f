// A virtual machine to compare a container with, started by the workshop's command.
//
// - `startGuest()`: boots one and measures it while it idles; disposing ends it
// - `Machine`: the figures, of a guest or of a container
// - `proportionalMemory(pid)`: what a process costs in memory, shared pages by share
//
// Sources: proc_pid_smaps(5), proc_uptime(5).

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { descendantsOf, type ProcessFacts } from '@slipway/lab/proc/processes.ts';

/** What a container and a machine can be compared by. */
export interface Machine {
  /** From its start until a program inside has spoken. */
  readonly bootMs: number;
  readonly release: string;
  readonly bootId: string;
  /** Of the process on the host, while it idles. */
  readonly memoryBytes: number;
}

export interface Guest extends Machine, AsyncDisposable {
  /** `kvm`: its code runs on the processor; `tcg`: every instruction is emulated. */
  readonly accelerator: string;
}

/** What the reader can type to boot the same guest. */
export const guestCommand = 'npx tsx workshop/vm/shell.ts -- uname -r';

const root = `${import.meta.dirname}/../../../..`;
const script = 'uname -r; cat /proc/sys/kernel/random/boot_id; exec sleep 120';

/** A guest that is up and idles, or the reason why there is none. */
export async function startGuest(): Promise<Guest | string> {
  const words = ['--import', 'tsx', 'workshop/vm/shell.ts', '--', 'sh', '-c', script];
  // Should we be killed, the kernel ends the command, and that puts its guest away.
  const tied = ['--pdeathsig', 'TERM', process.execPath, ...words];
  const command = spawn('setpriv', tied, {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let complaints = '';
  command.stderr.setEncoding('utf8').on('data', (more: string) => {
    complaints += more;
  });
  const lines = createInterface({ input: command.stdout })[Symbol.asyncIterator]();
  const release = await lines.next();
  const bootId = await lines.next();
  const emulator = descendantsOf(command.pid ?? 0).find(isEmulator);
  if (release.done || bootId.done || emulator === undefined) {
    await end(command);
    return complaints.trim().split('\n').at(-1) || 'the guest said nothing';
  }
  return {
    bootMs: ageMs(emulator),
    release: release.value,
    bootId: bootId.value,
    accelerator: /QEMU \((\w+)\)/.exec(complaints)?.[1] ?? 'unknown',
    memoryBytes: proportionalMemory(emulator.pid),
    [Symbol.asyncDispose]: () => end(command),
  };
}

function isEmulator({ name }: ProcessFacts): boolean {
  return name.startsWith('qemu');
}

/** SIGTERM: the command ends its guest and removes what it made. */
async function end(command: ChildProcess): Promise<void> {
  if (command.exitCode !== null || command.signalCode !== null) return;
  const exit = once(command, 'exit');
  command.kill('SIGTERM');
  await exit;
}

/** The kernel counts a process's start in ticks of 10 ms since boot. */
function ageMs({ started }: ProcessFacts): number {
  const uptime = Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]);
  return Math.round(uptime * 1000 - started * 10);
}

/** Pss: private pages, and of each shared page its share. */
export function proportionalMemory(pid: number): number {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  const kilobytes = /^Pss:\s+(\d+) kB$/m.exec(rollup)?.[1];
  if (kilobytes === undefined) throw new Error(`/proc/${pid}/smaps_rollup has no Pss`);
  return Number(kilobytes) * 1024;
}
