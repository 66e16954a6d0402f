#!/usr/bin/env -S npx tsx
// Made from ../run.ts by `npm run generate`. Nothing is left out here.
// See how far you are, in the folder of the chapter: SUBJECT=exercise/run.ts npm test
//
// The runnable increment of chapter 01.
//
// - `run.ts`: the documented experiments, narrated (`--json`, `--only ID`, `--list`)
// - `run.ts [options] -- command…`: a container, as far as this chapter goes
// - `run.ts enter PID -- command…`: a second process in the same container
// - `--explain`: prints the program of system calls and runs nothing

import { spawn } from '@slipway/native';
import { Command, CommanderError } from 'commander';
import { containerRequest } from './container.ts';
import { enterContainer, enterRequest } from './enter.ts';
import { printProgram } from '../explain.ts';
import { foregroundStdio, runForeground } from './foreground.ts';
import {
  addNamespaceOptions,
  addStreamOptions,
  environment,
  ownSurroundings,
  readContainerOptions,
  readPid,
  refuseWithoutTerminal,
  UsageError,
  type NamespaceFlags,
  type StreamFlags,
} from './options.ts';
import { ownSize } from '../terminal.ts';

process.exitCode = await main(process.argv.slice(2));

async function main(argv: readonly string[]): Promise<number> {
  try {
    if (isForExperiments(argv)) return await showExperiments(argv);
    return argv[0] === 'enter' ? await enter(argv.slice(1)) : await run(argv);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 125;
    if (!(error instanceof UsageError)) throw error;
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
  return runExperiments({ chapter: '01-namespaces', experiments, argv });
}

async function run(argv: readonly string[]): Promise<number> {
  const command = addNamespaceOptions(bare('run.ts').argument('[command...]'));
  command.option('--explain', 'print the program of system calls and run nothing');
  const parsed = command.parse(argv, { from: 'user' });
  const flags = parsed.opts<NamespaceFlags & { explain?: true }>();
  const options = readContainerOptions(flags, parsed.args, ownSurroundings());
  const request = containerRequest(options);
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
    env: environment(process.env, flags),
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
// As made: 71377878
