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

import { spawn } from '@slipway/native';
import {
  addNamespaceOptions,
  containerRequest,
  enterContainer,
  foregroundStdio,
  ownSize,
  ownSurroundings,
  readContainerOptions,
  runForeground,
  type NamespaceFlags,
} from '@slipway/namespaces';
import { enterRequest } from '@slipway/namespaces/enter.ts';
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
  type RootFlags,
} from '../root-options.ts';
import { openRoot } from './root-source.ts';
import { withRoot } from './rootfs.ts';

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
  // Chapter 02's addLimitOptions goes between these two.
  addRootOptions(addNamespaceOptions(command));
  command.option('--explain', 'print the program of system calls and run nothing');
  const parsed = command.parse(argv, { from: 'user' });
  const flags = parsed.opts<NamespaceFlags & RootFlags & { explain?: true }>();
  const wish = readRootOptions(flags);
  if (wish === undefined) return start(flags, parsed.args);
  await using root = await openRoot(wish.path);
  // Awaited here: the root is given back when the container has ended, not before.
  return await start(flags, parsed.args, { ...wish, descriptor: root.descriptor });
}

async function start(
  flags: NamespaceFlags & { readonly explain?: true },
  argv: readonly string[],
  root?: Parameters<typeof withRoot>[1],
): Promise<number> {
  const all = root ? ({ ...flags, mount: true } as const) : flags;
  const options = readContainerOptions(all, argv, ownSurroundings());
  const plain = containerRequest(
    root ? { ...options, env: ownEnvironment(flags) } : options,
  );
  const request = root ? withRoot(plain, root) : plain;
  if (flags.explain) return printProgram(request);
  const interactive = flags.interactive ?? false;
  const stdio = foregroundStdio({ interactive });
  return runForeground(() => spawn({ ...request, stdio }), { interactive });
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
  if (flags.explain) return printProgram(enterRequest(pid, options));
  return runForeground(() => enterContainer(pid, options), { interactive });
}

/** A command line that stops at the first word that is not an option. */
function bare(name: string): Command {
  return new Command(name).passThroughOptions().exitOverride();
}
// As made: b5119537
