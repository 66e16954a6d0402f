#!/usr/bin/env -S npx tsx
// The runnable increment of chapter 06: a small, complete Docker without a daemon.
//
// - `run.ts`: the documented experiments, narrated (`--json`, `--only ID`, `--list`);
//   `--on-host`: with this machine as the host, and not a stand-in
// - `run.ts [options] -- command…`: a container, now with a network
// - `run.ts network ls|reconcile`: the networks here; what dead owners left, removed
// - `run.ts enter PID -- command…`: a second process in the same container
// - `run.ts volume …`, `build`, `commit`, `ps`, `save` …, `pack`, `busybox`: as before
// - `--explain`: prints the program of system calls and runs nothing

import { enterVerb } from '@slipway/cgroups/runtime/enter-verb.ts';
import { runChapter } from '@slipway/namespaces/runtime/command-line.ts';
import { ownEnvironment } from '@slipway/rootfs';
import { makeBusyboxRoot, packRoot } from '@slipway/rootfs/make-roots.ts';
import { verbs } from '@slipway/unionfs/runtime/verbs.ts';
import { ownVolumes, volumeVerb } from '@slipway/volumes';
import type { Command } from 'commander';
import { networkVerb } from './runtime/network-verb.ts';
import {
  addAllOptions,
  explainContainer,
  runContainer,
  type AllFlags,
} from './runtime/run-container.ts';

process.exitCode = await runChapter(
  {
    chapter: '06-network',
    experiments: async argv => {
      const { experimentsOn } = await import('./experiments/index.ts');
      return experimentsOn(argv.includes('--on-host') ? 'this' : 'stand-in');
    },
    experimentFlags: ['--on-host'],
    verbs: {
      ...verbs,
      enter: enterVerb(ownEnvironment),
      pack: packRoot,
      busybox: makeBusyboxRoot,
      volume: (command, words) => volumeVerb(command, words, ownVolumes()),
      network: networkVerb,
    },
    run,
  },
  process.argv.slice(2),
);

async function run(command: Command, argv: readonly string[]): Promise<number> {
  addAllOptions(command);
  command.option('--explain', 'print the program of system calls and run nothing');
  const parsed = command.parse(argv, { from: 'user' });
  const flags = parsed.opts<AllFlags & { readonly explain?: true }>();
  if (!flags.explain) return runContainer(flags, parsed.args);
  process.stdout.write(explainContainer(flags, parsed.args));
  return 0;
}
