/**
 * Networks of processes, seen from outside.
 *
 * - inNetwork(pid, command)   runs a tool in the network of a process; its output, '' when it
 *                             failed
 * - portsOf(bridge)           the links that are plugged into it; undefined when it is no bridge
 * - isUp(link)                whether it was set up (not whether a cable is in it)
 * - endsIn(pid)               the index numbers that the links in that network have on the other
 *                             side
 * - receivedBy(pid)           how many packets came in there, by all links but lo
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';

export function inNetwork(pid: number, command: readonly string[]): string {
  const result = spawnSync('nsenter', ['-t', `${pid}`, '--net', ...command], { encoding: 'utf8' });
  return result.status === 0 ? result.stdout : '';
}

interface Port {
  readonly name: string;
  readonly index: number;
}

export function portsOf(bridge: string): readonly Port[] | undefined {
  const folder = `/sys/class/net/${bridge}/brif`;
  if (!existsSync(folder)) return undefined;
  return readdirSync(folder).map(name => ({
    name,
    index: Number(readFileSync(`/sys/class/net/${name}/ifindex`, 'utf8')),
  }));
}

export function isUp(link: string): boolean {
  const flags = Number(readFileSync(`/sys/class/net/${link}/flags`, 'utf8'));
  return (flags & 1) === 1;
}

export function endsIn(pid: number): readonly number[] {
  const text = inNetwork(pid, ['ip', '-o', 'link']);
  return [...text.matchAll(/^\d+: \S+@if(\d+):/gm)].map(([, index]) => Number(index));
}

export function receivedBy(pid: number): number {
  const lines = readDevices(pid).filter(line => !/^\s*lo:/.test(line));
  return lines.reduce(
    (sum, line) => sum + Number(line.split(':')[1]?.trim().split(/\s+/)[1] ?? 0),
    0,
  );
}

function readDevices(pid: number): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/net/dev`, 'utf8').split('\n').slice(2).filter(Boolean);
  } catch {
    return [];
  }
}
