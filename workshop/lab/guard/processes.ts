/**
 * Leftover processes of ours, zombies too, and how they are recognised.
 *
 * - guardMark()           the mark that our children carry: SLIPWAY_GUARD=…, put into our
 *                         environment
 * - ownProcesses(list)    those that descend from us or carry the mark (a daemon loses its parent,
 *                         but keeps its environment; the environment of another user's is not to
 *                         be read)
 *
 * Marks nest: a guarded program that starts another guarded program leaves `outer:inner` in there.
 *
 * Not leftovers: this process, and the compiler that tsx keeps at our side while we run.
 */
import { readFileSync } from 'node:fs';
import { descendantsOf, environOf, selfIdentity, type ProcessFacts } from '../proc/processes.ts';
import type { Fact, Kind } from './state.ts';

const variable = 'SLIPWAY_GUARD';

export const processes: Kind = {
  name: 'process',
  read({ processes: all, ours }) {
    const facts: Record<string, Fact> = {};
    for (const { pid, name, state } of all.filter(one => ours.has(one.pid)))
      facts[`${pid} (${name})${state === 'Z' ? ', a zombie' : ''}`] = { value: '' };
    return facts;
  },
};

/** Ours alone: pid and start time. Set once; every process started later inherits it. */
export function guardMark(env: NodeJS.ProcessEnv = process.env): string {
  const { pid, started } = selfIdentity();
  const mark = `${pid}.${started}`;
  const marks = env[variable]?.split(':') ?? [];
  if (!marks.includes(mark)) env[variable] = [...marks, mark].join(':');
  return `${variable}=${mark}`;
}

export function ownProcesses(all: readonly ProcessFacts[]): Set<number> {
  const mark = guardMark().slice(variable.length + 1);
  const carries = (pid: number): boolean =>
    environOf(pid).get(variable)?.split(':').includes(mark) === true;
  const marked = all.filter(({ pid }) => carries(pid)).map(({ pid }) => pid);
  const below = [process.pid, ...marked].flatMap(pid => descendantsOf(pid, [...all]));
  const pids = new Set([...marked, ...below.map(({ pid }) => pid)]);
  pids.delete(process.pid);
  for (const pid of pids) if (isCompiler(pid)) pids.delete(pid);
  return pids;
}

function isCompiler(pid: number): boolean {
  try {
    const command = readFileSync(`/proc/${pid}/cmdline`, 'latin1').split('\0');
    return (
      (command[0] ?? '').endsWith('/esbuild') && command.some(word => word.startsWith('--service='))
    );
  } catch {
    return false;
  }
}
