#!/usr/bin/env -S npx tsx
// Made from ../run.ts by `npm run generate`. Nothing is left out here.
// See how far you are, in the folder of the chapter: SUBJECT=exercise/run.ts npm test
//
// The runnable increment of chapter 02.
//
// - `run.ts`: the documented experiments, narrated (`--json`, `--only ID`, `--list`)
// - `run.ts [options] -- command…`: a container, now with limits
// - `run.ts enter PID -- command…`: a second process in the same container
// - `run.ts stats|pause|resume PID…`, `run.ts update [limits] PID…`: while it runs
// - `--explain`: prints the group and the program of system calls, and runs nothing

import {
  addNamespaceOptions,
  containerRequest,
  foregroundStdio,
  ownSize,
  ownSurroundings,
  readContainerOptions,
  runForeground,
  UsageError,
  type NamespaceFlags,
} from '@slipway/namespaces';
import { printProgram } from '@slipway/namespaces/explain.ts';
import {
  addStreamOptions,
  environment,
  readPid,
  refuseWithoutTerminal,
  type StreamFlags,
} from '@slipway/namespaces/options.ts';
import { Command, CommanderError } from 'commander';
import { linuxControlGroups } from './group/control-groups.ts';
import { ControlGroupError } from '../group/errors.ts';
import type { LimitFlags } from './options/limit-options.ts';
import { enterGroup, enterGroupRequest } from './runtime/enter-group.ts';
import { groupOfProcess } from './runtime/of-process.ts';
import {
  addContainerOptions,
  addLimitOptions,
  readLimits,
  readWish,
  type ContainerFlags,
} from './runtime/options.ts';
import { explainLimited, runLimited, thisMachine } from './runtime/run-limited.ts';
import { pauseGroup, statsTable } from './runtime/verbs.ts';

type Explained = { readonly explain?: true };

process.exitCode = await main(process.argv.slice(2));

async function main(argv: readonly string[]): Promise<number> {
  const [verb, ...rest] = argv;
  try {
    if (isForExperiments(argv)) return await showExperiments(argv);
    switch (verb) {
      case 'enter':
        return await enter(rest);
      case 'stats':
        return stats(rest);
      case 'pause':
      case 'resume':
        return await hold(verb, rest);
      case 'update':
        return update(rest);
      default:
        return await run(argv);
    }
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 125;
    const known = error instanceof UsageError || error instanceof ControlGroupError;
    if (!known) throw error;
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
  return runExperiments({ chapter: '02-cgroups', experiments, argv });
}

async function run(argv: readonly string[]): Promise<number> {
  const command = addContainerOptions(
    addNamespaceOptions(bare('run.ts').argument('[command...]')),
  );
  command.option('--explain', 'print the group and the program, and run nothing');
  const parsed = command.parse(argv, { from: 'user' });
  const flags = parsed.opts<NamespaceFlags & ContainerFlags & Explained>();
  const options = readContainerOptions(flags, parsed.args, ownSurroundings());
  const wish = readWish(flags, options.namespaces, thisMachine());
  const request = containerRequest(options);
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
  const flags = parsed.opts<StreamFlags & Explained>();
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
  const group = groupOfProcess(linuxControlGroups(), pid);
  if (flags.explain) return printProgram(enterGroupRequest(pid, group, options));
  return runForeground(() => enterGroup(pid, group, options), { interactive });
}

function stats(argv: readonly string[]): number {
  const machine = linuxControlGroups();
  const command = bare('run.ts stats').argument('<pid...>');
  const rows = pidsIn(command.parse(argv, { from: 'user' }).args).map(pid => {
    const group = groupOfProcess(machine, pid);
    return { pid, stats: group.stats(), frozen: group.events().frozen };
  });
  process.stdout.write(statsTable(rows));
  return 0;
}

async function hold(
  verb: 'pause' | 'resume',
  argv: readonly string[],
): Promise<number> {
  const machine = linuxControlGroups();
  const command = bare(`run.ts ${verb}`).argument('<pid...>');
  for (const pid of pidsIn(command.parse(argv, { from: 'user' }).args)) {
    const group = groupOfProcess(machine, pid);
    await (verb === 'pause' ? pauseGroup(group) : group.thaw());
  }
  return 0;
}

function update(argv: readonly string[]): number {
  const command = addLimitOptions(bare('run.ts update').argument('<pid...>'));
  const parsed = command.parse(argv, { from: 'user' });
  const limits = readLimits(parsed.opts<LimitFlags>(), thisMachine());
  if (Object.keys(limits).length === 0) {
    throw new UsageError('no limit: write one, as in: update --memory 128m PID');
  }
  const machine = linuxControlGroups();
  for (const pid of pidsIn(parsed.args)) groupOfProcess(machine, pid).set(limits);
  return 0;
}

function pidsIn(words: readonly string[]): readonly number[] {
  return words.map(word => readPid(word, words));
}

/** A command line that stops at the first word that is not an option. */
function bare(name: string): Command {
  return new Command(name).passThroughOptions().exitOverride();
}
// As made: 52c69c3b
