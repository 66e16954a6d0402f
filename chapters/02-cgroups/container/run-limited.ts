// A container with limits in the foreground.
//
// - `runLimited(request, wish, foreground)`: group, program, end → the exit status
// - `explainLimited(request, wish)`: the same as text; nothing is made
// - `thisMachine()`: its control groups, and what options are held against
//
// Chapter 03 calls the same two with a request that has a root of its own.

import { foregroundStdio, runForeground, type Foreground } from '@slipway/namespaces';
import { programText } from '@slipway/namespaces/runtime/explain.ts';
import { spawn, type Child, type SpawnRequest } from '@slipway/native';
import chalk from 'chalk';
import { linuxControlGroups, type ControlGroups } from '../group/machine.ts';
import { readMachine, type Machine } from '../options/machine.ts';
import { explainGroup, holdGroup } from './held-group.ts';
import { limited } from './limited.ts';
import { prepareProc } from './live-proc.ts';
import { memoryEnded } from './memory-ended.ts';
import type { Wish } from '../runtime/options.ts';
import { thawToEnd } from './thaw-to-end.ts';
import { toldProcessors } from './told-processors.ts';

/** @throws ControlGroupError when a limit cannot be kept; then nothing has run */
export async function runLimited(
  request: SpawnRequest,
  wish: Wish,
  foreground: Foreground,
): Promise<number> {
  await using group = await holdGroup(linuxControlGroups(), wish.limits);
  using _ = thawToEnd(group);
  using proc = wish.view ? prepareProc(group) : undefined;
  const whole = limited(request, {
    cgroups: group.directories,
    init: wish.init,
    files: proc?.files ?? [],
    processors: toldBy(wish),
  });
  const start = async (): Promise<Child> => {
    const child = await spawn({ ...whole, stdio: foregroundStdio(foreground) });
    proc?.begin();
    return child;
  };
  const status = await runForeground(start, foreground);
  const why = memoryEnded(group, status);
  if (why !== undefined) process.stderr.write(`slipway: ${why}\n`);
  return status;
}

/** The lines of `--explain`. */
export function explainLimited(request: SpawnRequest, wish: Wish): string {
  const { directories, lines } = explainGroup(linuxControlGroups(), wish.limits);
  const targets = wish.view ? viewed : [];
  const whole = limited(request, {
    cgroups: directories,
    init: wish.init,
    files: targets.map(target => ({ target, descriptor: 0 })),
    processors: toldBy(wish),
  });
  const shown = lines.map(line => `    ${line}\n`).join('');
  const about = `    ${chalk.dim('# the group, by the parent')}\n`;
  return `${lines.length === 0 ? '' : about}${shown}${programText(whole)}`;
}

function toldBy({ view, limits }: Wish): number | undefined {
  return view ? toldProcessors(limits) : undefined;
}

const viewed: readonly string[] = [
  '/proc/meminfo',
  '/proc/cpuinfo',
  '/proc/stat',
  '/proc/uptime',
  '/proc/loadavg',
  '/sys/devices/system/cpu/online',
];

/** What options are held against here. */
export function thisMachine(groups: ControlGroups = linuxControlGroups()): Machine {
  return readMachine(groups.host, countsSwap(groups));
}

/** Version 1 shows it at the top; the top of version 2 has no such file. */
function countsSwap({ host, hierarchies }: ControlGroups): boolean {
  const found = hierarchies.of.memory;
  if (found.world === 'absent') return false;
  if (found.world === 'v2') return host.has('/proc/swaps');
  return host.has(`${found.hierarchy.mountPoint}/memory.memsw.limit_in_bytes`);
}
