// What the kernel says of a process in /proc/PID/status.
//
// - `statusField(pid, name)`: one line's value
// - `pidsOf(pid)`: its numbers, from our PID namespace inwards
// - `handles(pid, signal)`: whether it has a handler for a signal
//
// Source: proc_pid_status(5).

import { readFileSync } from 'node:fs';
import { constants } from 'node:os';

/**
 * The text behind `name:`.
 *
 * @throws Error ENOENT if there is no such process
 */
export function statusField(pid: number, name: string): string {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const value = new RegExp(`^${name}:\\s*(.*)$`, 'm').exec(status)?.[1];
  if (value === undefined) {
    throw new Error(`/proc/${pid}/status has no line ${name}: see proc_pid_status(5)`);
  }
  return value;
}

/** `NSpid`: the number that each PID namespace gives it, ours first, its own last. */
export function pidsOf(pid: number): readonly number[] {
  return statusField(pid, 'NSpid').split(/\s+/).map(Number);
}

/** `SigCgt` is a mask in which bit n-1 stands for signal n. */
export function handles(pid: number, signal: NodeJS.Signals): boolean {
  const mask = BigInt(`0x${statusField(pid, 'SigCgt')}`);
  return ((mask >> BigInt(constants.signals[signal] - 1)) & 1n) === 1n;
}
