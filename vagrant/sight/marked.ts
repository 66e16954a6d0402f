/**
 * The learner's processes, found by a mark in their environment: `BOX=lab-kiwi4821`.
 *
 * - markedBy(name, value)    all of them, with what the kernel knows of each
 * - isThere(note)            whether the process of a note still runs
 * - noteOf(process)          `pid.started`: names one process for ever
 * - tableIsOurs()            whether /proc is still the one in which we stand ourselves
 *
 * The mark is inherited: whoever starts a marked program through others finds them all here. A
 * program that has only just been forked still carries its parent's name.
 */
import { readFileSync, readlinkSync } from 'node:fs';
import {
  environOf,
  isRunning,
  listProcesses,
  type ProcessFacts,
} from '@slipway/lab/proc/processes.ts';

export function markedBy(name: string, value: string): readonly ProcessFacts[] {
  return listProcesses().filter(one => one.state !== 'Z' && environOf(one.pid).get(name) === value);
}

export function noteOf({ pid, started }: Pick<ProcessFacts, 'pid' | 'started'>): string {
  return `${pid}.${started}`;
}

export function isThere(note: string | undefined): boolean {
  const [pid, started] = (note ?? '').split('.').map(Number);
  return pid !== undefined && started !== undefined && isRunning({ pid, started });
}

/** Its number in each PID namespace, the outermost first: `[4250, 1]`. */
export function numbersOf(pid: number): readonly number[] {
  const line = /^NSpid:\s*(.*)$/m.exec(fileOf(pid, 'status'))?.[1] ?? '';
  return line.split(/\s+/).filter(Boolean).map(Number);
}

export function commandOf(pid: number): readonly string[] {
  return fileOf(pid, 'cmdline').split('\0').slice(0, -1);
}

/** Not so when somebody has mounted another one over it, in the machine's own table of mounts. */
export function tableIsOurs(): boolean {
  try {
    return readlinkSync('/proc/self') === `${process.pid}`;
  } catch {
    return false;
  }
}

/** Empty when the process is gone meanwhile. */
export function fileOf(pid: number, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8');
  } catch {
    return '';
  }
}
