#!/usr/bin/env -S npx tsx
// Made from ../run.ts by `npm run generate`. Nothing is left out here.
// See how far you are, in the folder of the chapter: SUBJECT=exercise/run.ts npm test
//
// The runnable increment of chapter 05.
//
// - `run.ts`: the documented experiments, narrated (`--json`, `--only ID`, `--list`)
// - `run.ts [options] -- command…`: a container, now with volumes
// - `run.ts volume create|ls|inspect|rm|prune`: the named ones
// - `run.ts enter PID -- command…`: a second process in the same container
// - `run.ts pack …`, `run.ts busybox …`: a root to start from
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
import {
  addRootOptions,
  openRoot,
  ownEnvironment,
  readRootOptions,
  withRoot,
  type RootFlags,
  type RootOptions,
} from '@slipway/rootfs';
import { makeBusyboxRoot, packRoot } from '@slipway/rootfs/make-roots.ts';
import { wishedDevices } from '@slipway/rootfs/root-options.ts';
import type { PreparedMount } from './mounts/open-mounts.ts';
import { withVolumes } from './mounts/with-volumes.ts';
import { holdVolumes, plannedVolumes } from './runtime/hold-volumes.ts';
import {
  addVolumeOptions,
  ownVolumes,
  readMountRequests,
  refuseWithoutRoot,
  type VolumeFlags,
} from './runtime/volume-options.ts';
import { volumeVerb } from '../runtime/volume-verb.ts';

type Flags = Omit<NamespaceFlags, 'mount'> &
  ContainerFlags &
  RootFlags &
  VolumeFlags & { readonly explain?: true };

process.exitCode = await main(process.argv.slice(2));

async function main(argv: readonly string[]): Promise<number> {
  const [verb, ...rest] = argv;
  try {
    if (isForExperiments(argv)) return await showExperiments(argv);
    if (verb === 'enter') return await enter(rest);
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
  return argv.length === 0 || ['--json', '--only', '--list'].includes(argv[0] ?? '');
}

/** Loaded only when asked for: a container starts without them. */
async function showExperiments(argv: readonly string[]): Promise<number> {
  const { runExperiments } = await import('@slipway/lab');
  const { experiments } = await import('../experiments/index.ts');
  return runExperiments({ chapter: '05-volumes', experiments, argv });
}

async function run(argv: readonly string[]): Promise<number> {
  const command = bare('run.ts').argument('[command...]');
  addRootOptions(addContainerOptions(addNamespaceOptions(command)));
  addVolumeOptions(command);
  command.option('--explain', 'print the program of system calls and run nothing');
  const parsed = command.parse(argv, { from: 'user' });
  const flags = parsed.opts<Flags>();
  const requests = readMountRequests(flags, process.cwd());
  const wish = readRootOptions(flags);
  if (wish === undefined) {
    refuseWithoutRoot(requests);
    return start(flags, parsed.args);
  }
  const devices = wishedDevices(flags, thisMachine());
  await using root = await openRoot(wish.path);
  const options = { ...wish, descriptor: root.descriptor, devices };
  if (flags.explain) {
    return start(flags, parsed.args, { ...options, mounts: plannedVolumes(requests) });
  }
  using volumes = await holdVolumes(requests, root.descriptor);
  // Awaited here: all is given back when the container has ended, not before.
  return await start(flags, parsed.args, { ...options, mounts: volumes.mounts });
}

interface Root extends RootOptions {
  readonly mounts: readonly PreparedMount[];
}

async function start(
  flags: Flags,
  argv: readonly string[],
  root?: Root,
): Promise<number> {
  const { mount, ...others } = flags;
  const all = { ...others, ...((root || mount) && { mount: true as const }) };
  const options = readContainerOptions(all, argv, ownSurroundings());
  const wish = readWish(flags, options.namespaces, thisMachine());
  const env = root ? ownEnvironment(flags) : options.env;
  const plain = containerRequest({ ...options, env });
  const request = root ? withVolumes(withRoot(plain, root), root.mounts) : plain;
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
// As made: 4a602c81
