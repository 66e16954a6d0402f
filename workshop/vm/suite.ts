/**
 * The vm tier: the tests that touch a kernel, run unchanged in guests with another kernel.
 *
 * - runVmTier(scopes, flags, worlds, print, kernel?)   one boot a world; an Outcome, as always
 * - shortScopes()                             the part of it that `npm test` runs
 * - outcomeOf(world, result)                  what one guest did, named `vm(v2): chapters/… > …`
 *
 * Only files of the kernel kind run (vitest.config.ts): what touches memory alone is the same here
 * and there. Invariant: a world that could not be booted is one NOT RUN with the reason; a guest
 * that booted and brought no outcome back is broken, and its console is shown.
 */
import { existsSync, globSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type Outcome, merge, nothing } from '../tests/outcome.ts';
import { checkout } from './kernel/find-kernel.ts';
import { type GuestHost, type GuestResult, prepareGuests, runInGuest } from './guest.ts';
import type { World } from './initramfs.ts';
import { shellWord } from './shell-word.ts';
import { Unavailable } from './unavailable.ts';

export const worlds: readonly World[] = ['v2', 'v1'];
/** What speaks with the kernel. The lab's own tests, slow in a guest, say nothing about kernels. */
const usualScopes = ['native', 'chapters'];
/** Tests that start whole programs many times over: minutes each where a processor is emulated. */
const startPrograms: ReadonlySet<string> = new Set([
  'checkpoints.test.ts',
  'experiments.test.ts',
  'foreground.test.ts',
  'prose.test.ts',
  'run.test.ts',
  'safety.test.ts',
  'wrong-answers.test.ts',
]);
/** A world's whole suite takes an hour where a processor is emulated and others work beside it. */
const runMs = 2 * 60 * 60_000;

export async function runVmTier(
  scopes: readonly string[],
  flags: readonly string[],
  chosen: readonly World[],
  print: (line: string) => void,
  kernel?: string,
): Promise<Outcome> {
  const host = await prepareGuests(kernel);
  if (host instanceof Unavailable) {
    return {
      ...nothing,
      notRun: chosen.map(world => ({ name: label(world), reason: host.reason })),
    };
  }
  const outcomes: Outcome[] = [];
  for (const world of chosen) {
    print(`${label(world)}  Linux ${host.kernel.release} in QEMU (${host.accelerator})`);
    const command = vitestCommand(scopes.length === 0 ? usualScopes : scopes, flags);
    outcomes.push(await runWorld(host, world, command, print));
  }
  return merge(outcomes);
}

/** Control groups are where the worlds differ. */
const inBothWorlds = ['chapters/02-cgroups/**/*.test.ts', 'chapters/03-*/**/devices.test.ts'];

/**
 * The part of the tier that fits into `npm test`: births and control groups of native, the engine's
 * containers, and of the chapters what differs between the worlds. `npm run test:vm` runs all.
 */
export function shortScopes(): readonly string[] {
  const files = globSync(inBothWorlds, { cwd: checkout }).toSorted();
  const judging = files.filter(
    file => !file.endsWith('.unit.test.ts') && !startPrograms.has(basename(file)),
  );
  const native = ['native/process/cgroups.test.ts', 'native/process/spawn.test.ts'];
  return [...native, 'final/execdriver/native/native.test.ts', ...judging];
}

/** The bash script for the guest; SLIPWAY_OUTCOME is where the workshop's reporter writes. */
export function vitestCommand(scopes: readonly string[], flags: readonly string[]): string {
  const words = ['node', 'node_modules/vitest/vitest.mjs', 'run', '--project', 'kernel'];
  const all = [...words, ...scopes.map(asFilter), ...flags];
  return [
    'export SLIPWAY_OUTCOME="$SLIPWAY_EXCHANGE/outcome.json"',
    `exec ${all.map(shellWord).join(' ')}`,
    '',
  ].join('\n');
}

/** vitest's filter is a part of a path: a folder needs its slash, or `a` would also mean `ab`. */
function asFilter(scope: string): string {
  const path = join(checkout, scope);
  return existsSync(path) && statSync(path).isDirectory() ? join(path, '/') : path;
}

async function runWorld(
  host: GuestHost,
  world: World,
  command: string,
  print: (line: string) => void,
): Promise<Outcome> {
  let unfinished = '';
  const output = (text: string): void => {
    const lines = (unfinished + text).split('\n');
    unfinished = lines.pop() ?? '';
    for (const line of lines) print(`  ${line}`);
  };
  const result = await runInGuest(host, { world, command, runMs, output, wanted: 'outcome.json' });
  if (unfinished !== '') print(`  ${unfinished}`);
  print(timing(world, result));
  const outcome = outcomeOf(world, result);
  if (outcome.broken.length > 0) showConsole(result.console, print);
  return outcome;
}

export function outcomeOf(world: World, result: GuestResult): Outcome {
  const outcome = readOutcome(result);
  return {
    ...outcome,
    notRun: outcome.notRun.map(one => ({ ...one, name: `${label(world)}: ${one.name}` })),
    broken: outcome.broken.map(what => `${label(world)}: ${what}`),
  };
}

function readOutcome({ failure, status, wanted }: GuestResult): Outcome {
  if (failure !== undefined) return { ...nothing, broken: [failure] };
  const ended = `vitest ended with status ${status}`;
  if (wanted === undefined) return { ...nothing, broken: [`${ended} before its tests were over`] };
  const outcome = JSON.parse(wanted) as Outcome;
  const explained = outcome.failed > 0 || outcome.broken.length > 0 || outcome.passed === 0;
  return status === 0 || explained ? outcome : { ...outcome, broken: [ended] };
}

function label(world: World): string {
  return `vm(${world})`;
}

function timing(world: World, { upAfterMs, totalMs }: GuestResult): string {
  const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
  const up = upAfterMs === undefined ? 'never up' : `up after ${seconds(upAfterMs)}`;
  return `${label(world)}  ${up}, ${seconds(totalMs)} in all`;
}

function showConsole(console: string, print: (line: string) => void): void {
  print('  the end of the console:');
  // The 9p client complains about its own cache, dozens of times and without consequence.
  const lines = console
    .trimEnd()
    .split(/\r?\n/)
    .filter(line => !line.includes('] FS-Cache: '));
  for (const line of lines.slice(-60)) print(`  | ${line}`);
}
