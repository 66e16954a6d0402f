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
  explainLimited,
  readWish,
  runLimited,
  thisMachine,
  type ContainerFlags,
} from '@slipway/cgroups';
import { enterVerb } from '@slipway/cgroups/runtime/enter-verb.ts';
import {
  addNamespaceOptions,
  containerRequest,
  ownSurroundings,
  readContainerOptions,
  type NamespaceFlags,
} from '@slipway/namespaces';
import { runChapter } from '@slipway/namespaces/runtime/command-line.ts';
import type { Command } from 'commander';
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

process.exitCode = await runChapter(
  {
    chapter: '03-chroot-rootfs',
    experiments: async () => (await import('../experiments/index.ts')).experiments,
    verbs: {
      // Whoever enters stands in the container's root, and searches its folders.
      enter: enterVerb(ownEnvironment),
      pack: packRoot,
      busybox: makeBusyboxRoot,
    },
    run,
  },
  process.argv.slice(2),
);

async function run(command: Command, argv: readonly string[]): Promise<number> {
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
// As made: 6e1c8f9e
