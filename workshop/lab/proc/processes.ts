/**
 * The processes of this machine, as the kernel's process table shows them.
 *
 * - readProcess(pid)      one of them, or undefined when it is gone
 * - listProcesses()       all of them
 * - descendantsOf(pid)    children, their children, …
 * - environOf(pid)        the environment it was started with
 * - isRunning(identity)   whether exactly that process still lives
 *
 * Invariant: a pid alone names nobody, for the kernel hands it out again. A process is named by its
 * pid and its start time together; that pair is never reused while the machine is up.
 * Source: proc_pid_stat(5), proc_pid_environ(5).
 */
import { readFileSync, readdirSync } from 'node:fs';

/** Who exactly: the pid and the start time in clock ticks since boot. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly started: number;
}

export interface ProcessFacts extends ProcessIdentity {
  readonly name: string;
  /** `R` running, `S` asleep, `D` waiting for a device, `T` stopped, `Z` zombie, … */
  readonly state: string;
  readonly parent: number;
  readonly group: number;
  readonly session: number;
}

export function readProcess(pid: number): ProcessFacts | undefined {
  const text = readText(`/proc/${pid}/stat`);
  if (text === undefined) return undefined;
  // The name stands in parentheses and may itself hold spaces and parentheses: cut at the last one.
  const close = text.lastIndexOf(')');
  const fields = text.slice(close + 2).split(' ');
  return {
    pid,
    name: text.slice(text.indexOf('(') + 1, close),
    state: fields[0] ?? '?',
    parent: Number(fields[1]),
    group: Number(fields[2]),
    session: Number(fields[3]),
    started: Number(fields[19]),
  };
}

export function listProcesses(): ProcessFacts[] {
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .map(name => readProcess(Number(name)))
    .filter(facts => facts !== undefined);
}

export function descendantsOf(pid: number, all = listProcesses()): ProcessFacts[] {
  const children = all.filter(facts => facts.parent === pid);
  return children.flatMap(child => [child, ...descendantsOf(child.pid, all)]);
}

/** Empty when it is not ours to read, and for a zombie, whose memory is gone. */
export function environOf(pid: number): ReadonlyMap<string, string> {
  const text = readText(`/proc/${pid}/environ`) ?? '';
  return new Map(
    text.split('\0').flatMap(pair => {
      const equals = pair.indexOf('=');
      return equals < 0 ? [] : [[pair.slice(0, equals), pair.slice(equals + 1)] as const];
    }),
  );
}

export function isRunning(identity: ProcessIdentity): boolean {
  const facts = readProcess(identity.pid);
  return facts !== undefined && facts.started === identity.started && facts.state !== 'Z';
}

/** This process: pid and start time. */
export function selfIdentity(): ProcessIdentity {
  const facts = readProcess(process.pid);
  if (facts === undefined) throw new Error('/proc shows no process of ours: mount /proc first');
  return { pid: facts.pid, started: facts.started };
}

/** A process can end between the listing and the reading; then the file is not there, or empty. */
function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1') || undefined;
  } catch {
    return undefined;
  }
}
