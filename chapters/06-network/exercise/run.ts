#!/usr/bin/env -S npx tsx
// Made from ../run.ts by `npm run generate`. Nothing is left out here.
// See how far you are, in the folder of the chapter: SUBJECT=exercise/run.ts npm test
//
// The runnable increment of chapter 06: a small, complete Docker without a daemon.
//
// - `run.ts`: the documented experiments, narrated (`--json`, `--only ID`, `--list`);
//   `--on-host`: with this machine as the host, and not a stand-in
// - `run.ts [options] -- command…`: a container, now with a network
// - `run.ts network ls|reconcile`: the networks here; what dead owners left, removed
// - `run.ts enter PID -- command…`: a second process in the same container
// - `run.ts volume …`, `pack …`, `busybox …`: as in chapters 05 and 03
// - `--explain`: prints the program of system calls and runs nothing

import { linuxControlGroups } from '@slipway/cgroups';
import { enterGroup, enterGroupRequest } from '@slipway/cgroups/runtime/enter-group.ts';
import { groupOfProcess } from '@slipway/cgroups/runtime/of-process.ts';
import { foregroundStdio, ownSize, runForeground } from '@slipway/namespaces';
import { printProgram } from '@slipway/namespaces/explain.ts';
import {
  addStreamOptions,
  readPid,
  refuseWithoutTerminal,
  type StreamFlags,
} from '@slipway/namespaces/options.ts';
import { ownEnvironment } from '@slipway/rootfs';
import { makeBusyboxRoot, packRoot } from '@slipway/rootfs/make-roots.ts';
import { ownVolumes, volumeVerb } from '@slipway/volumes';
import { Command, CommanderError } from 'commander';
import { networkVerb } from './runtime/network-verb.ts';
import {
  addAllOptions,
  explainContainer,
  runContainer,
  type AllFlags,
} from './runtime/run-container.ts';

process.exitCode = await main(process.argv.slice(2));

async function main(argv: readonly string[]): Promise<number> {
  const [verb, ...rest] = argv;
  try {
    if (isForExperiments(argv)) return await showExperiments(argv);
    if (verb === 'enter') return await enter(rest);
    if (verb === 'network') return networkVerb(rest);
    if (verb === 'volume') return volumeVerb(bare('run.ts volume'), rest, ownVolumes());
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
  const flags = ['--json', '--only', '--list', '--on-host'];
  return argv.length === 0 || flags.includes(argv[0] ?? '');
}

/** Loaded only when asked for: a container starts without them. */
async function showExperiments(argv: readonly string[]): Promise<number> {
  const { runExperiments } = await import('@slipway/lab');
  const { experimentsOn } = await import('../experiments/index.ts');
  const experiments = experimentsOn(argv.includes('--on-host') ? 'this' : 'stand-in');
  const flags = argv.filter(word => word !== '--on-host');
  return runExperiments({ chapter: '06-network', experiments, argv: flags });
}

async function run(argv: readonly string[]): Promise<number> {
  const command = addAllOptions(bare('run.ts').argument('[command...]'));
  command.option('--explain', 'print the program of system calls and run nothing');
  const parsed = command.parse(argv, { from: 'user' });
  const flags = parsed.opts<AllFlags & { readonly explain?: true }>();
  if (!flags.explain) return runContainer(flags, parsed.args);
  process.stdout.write(explainContainer(flags, parsed.args));
  return 0;
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
// As made: 6e279ec1
