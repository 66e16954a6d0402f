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
import type { Command } from 'commander';
import { readEntering, runChapter } from './runtime/command-line.ts';
import { containerRequest } from './container/container.ts';
import { enterContainer, enterRequest } from './container/enter.ts';
import { printProgram } from '../runtime/explain.ts';
import { foregroundStdio, runForeground } from './runtime/foreground.ts';
import {
  addNamespaceOptions,
  environment,
  ownSurroundings,
  readContainerOptions,
  type NamespaceFlags,
} from './runtime/options.ts';

process.exitCode = await runChapter(
  {
    chapter: '01-namespaces',
    experiments: async () => (await import('../experiments/index.ts')).experiments,
    verbs: { enter },
    run,
  },
  process.argv.slice(2),
);

async function run(command: Command, argv: readonly string[]): Promise<number> {
  addNamespaceOptions(command);
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

async function enter(command: Command, argv: readonly string[]): Promise<number> {
  const mine = (flags: { readonly tty?: true }): readonly string[] =>
    environment(process.env, flags);
  const { pid, options, interactive, explain } = readEntering(command, argv, mine);
  if (explain) return printProgram(enterRequest(pid, options));
  return runForeground(() => enterContainer(pid, options), { interactive });
}
// As made: 28c5d1af
