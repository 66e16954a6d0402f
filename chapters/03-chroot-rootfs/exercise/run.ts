#!/usr/bin/env -S npx tsx
// Made from ../run.ts by `npm run generate`. Nothing is left out here.
// See how far you are, in the folder of the chapter: SUBJECT=exercise/run.ts npm test
//
// The runnable increment of chapter 03.
//
// - `run.ts`: the documented experiments, narrated (`--json`, `--only ID`, `--list`)
// - `run.ts [options] -- command…`: a container, now with a root of its own
// - `run.ts enter PID -- command…`: a second process in the same container
// - `run.ts pack FOLDER PROGRAM…`: programs with all that they need, as a root
// - `run.ts busybox FOLDER|FILE.tar`: a whole small root
// - `--explain`: prints the program of system calls and runs nothing

import {
  addContainerOptions,
  linuxControlGroups,
  readWish,
  thisMachine,
  explainLimited,
  runLimited,
  type ContainerFlags,
} from '@slipway/cgroups';
import { enterGroup, enterGroupRequest } from '@slipway/cgroups/runtime/enter-group.ts';
import { groupOfProcess } from '@slipway/cgroups/runtime/of-process.ts';
import {
  addNamespaceOptions,
  containerRequest,
  foregroundStdio,
  ownSize,
  ownSurroundings,
  readContainerOptions,
  runForeground,
  type NamespaceFlags,
} from '@slipway/namespaces';
import { printProgram } from '@slipway/namespaces/explain.ts';
import {
  addStreamOptions,
  readPid,
  refuseWithoutTerminal,
  type StreamFlags,
} from '@slipway/namespaces/options.ts';
import { Command, CommanderError } from 'commander';
import { makeBusyboxRoot, packRoot } from './make-roots.ts';
import {
  addRootOptions,
  ownEnvironment,
  readRootOptions,
  wishedDevices,
  type RootFlags,
} from '../root-options.ts';
import { openRoot } from './root/root-source.ts';
import { withRoot, type RootOptions } from './root/rootfs.ts';

type Flags = NamespaceFlags & ContainerFlags & RootFlags & { readonly explain?: true };

process.exitCode = await main(process.argv.slice(2));

async function main(argv: readonly string[]): Promise<number> {
  const [verb, ...rest] = argv;
  try {
    if (isForExperiments(argv)) return await showExperiments(argv);
    if (verb === 'enter') return await enter(rest);
    if (verb === 'pack') return packRoot(bare('run.ts pack'), rest);
    if (verb === 'busybox') return await makeBusyboxRoot(bare('run.ts busybox'), rest);
    return await run(argv);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 125;
    if (!(error instanceof Error)) throw error;
    process.stderr.write(`slipway: ${error.message}\n`);
    return 125;
  }
}

function isForExperiments(argv: readonly string[]): boolean {
  return argv.length === 0 || ['--json', '--only', '--list'].includes(argv[0] ?? '');
}

/** Loaded only when asked for: a container starts without them. */
async function showExperiments(argv: readonly string[]): Promise<number> {
  const { runExperiments } = await import('@slipway/lab');
  const { experiments } = await import('../experiments/index.ts');
  return runExperiments({ chapter: '03-chroot-rootfs', experiments, argv });
}

async function run(argv: readonly string[]): Promise<number> {
  const command = bare('run.ts').argument('[command...]');
  addRootOptions(addContainerOptions(addNamespaceOptions(command)));
  command.option('--explain', 'print the program of system calls and run nothing');
  const parsed = command.parse(argv, { from: 'user' });
  const flags = parsed.opts<Flags>();
  const wish = readRootOptions(flags);
  if (wish === undefined) return start(flags, parsed.args);
  const devices = wishedDevices(flags, thisMachine());
  await using root = await openRoot(wish.path);
  const { descriptor } = root;
  // Awaited here: the root is given back when the container has ended, not before.
  return await start(flags, parsed.args, { ...wish, descriptor, devices });
}

async function start(
  flags: Flags,
  argv: readonly string[],
  root?: RootOptions,
): Promise<number> {
  // Its /proc shows a pid namespace. The host's has a way out: /proc/1/root.
  const all = root ? ({ ...flags, mount: true, pid: true } as const) : flags;
  const options = readContainerOptions(all, argv, ownSurroundings());
  const wish = readWish(flags, options.namespaces, thisMachine(), root !== undefined);
  const request = root
    ? withRoot(containerRequest({ ...options, env: ownEnvironment(flags) }), root)
    : containerRequest(options);
  if (flags.explain) {
    process.stdout.write(explainLimited(request, wish));
    return 0;
  }
  return runLimited(request, wish, { interactive: flags.interactive ?? false });
}

async function enter(argv: readonly string[]): Promise<number> {
  const command = addStreamOptions(bare('run.ts enter').argument('<pid> [command...]'));
  command.option('--explain', 'print the program of system calls and run nothing');
  const parsed = command.parse(argv, { from: 'user' });
  const flags = parsed.opts<StreamFlags & { explain?: true }>();
  const [target = '', ...rest] = parsed.args;
  const words = rest[0] === '--' ? rest.slice(1) : rest;
  const pid = readPid(target, words);
  refuseWithoutTerminal(flags, process.stdin.isTTY);
  const interactive = flags.interactive ?? false;
  const options = {
    argv: words,
    // Whoever enters stands in the container's root, and searches its folders.
    env: ownEnvironment(flags),
    stdio: foregroundStdio({ interactive }),
    ...(flags.tty && { terminal: ownSize() }),
  };
  const group = groupOfProcess(linuxControlGroups(), pid);
  if (flags.explain) return printProgram(enterGroupRequest(pid, group, options));
  return runForeground(() => enterGroup(pid, group, options), { interactive });
}

/** A command line that stops at the first word that is not an option. */
function bare(name: string): Command {
  return new Command(name).passThroughOptions().exitOverride();
}
// As made: 2c07ca6d
