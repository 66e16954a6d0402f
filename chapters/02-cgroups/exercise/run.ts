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
  ownSurroundings,
  readContainerOptions,
  UsageError,
  type NamespaceFlags,
} from '@slipway/namespaces';
import { runChapter, type Verb } from '@slipway/namespaces/runtime/command-line.ts';
import { environment, readPid } from '@slipway/namespaces/runtime/options.ts';
import type { Command } from 'commander';
import { linuxControlGroups } from './group/machine.ts';
import type { Group } from './group/group.ts';
import type { LimitFlags } from './options/limit-options.ts';
import { enterVerb } from './runtime/enter-verb.ts';
import { groupOfProcess } from './runtime/of-process.ts';
import {
  addContainerOptions,
  addLimitOptions,
  readLimits,
  readWish,
  type ContainerFlags,
} from './runtime/options.ts';
import { explainLimited, runLimited, thisMachine } from './container/run-limited.ts';
import { pauseGroup, statsTable } from './runtime/verbs.ts';

type Explained = { readonly explain?: true };

process.exitCode = await runChapter(
  {
    chapter: '02-cgroups',
    experiments: async () => (await import('../experiments/index.ts')).experiments,
    verbs: {
      enter: enterVerb(flags => environment(process.env, flags)),
      stats,
      pause: holding(pauseGroup),
      resume: holding(group => group.thaw()),
      update,
    },
    run,
  },
  process.argv.slice(2),
);

async function run(command: Command, argv: readonly string[]): Promise<number> {
  addContainerOptions(addNamespaceOptions(command));
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

function stats(command: Command, argv: readonly string[]): number {
  const machine = linuxControlGroups();
  command.argument('<pid...>');
  const rows = pidsIn(command.parse(argv, { from: 'user' }).args).map(pid => {
    const group = groupOfProcess(machine, pid);
    return { pid, stats: group.stats(), frozen: group.events().frozen };
  });
  process.stdout.write(statsTable(rows));
  return 0;
}

function holding(hold: (group: Group) => Promise<void>): Verb {
  return async (command, argv) => {
    const machine = linuxControlGroups();
    command.argument('<pid...>');
    for (const pid of pidsIn(command.parse(argv, { from: 'user' }).args)) {
      await hold(groupOfProcess(machine, pid));
    }
    return 0;
  };
}

function update(command: Command, argv: readonly string[]): number {
  addLimitOptions(command.argument('<pid...>'));
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
// As made: 5d20d714
