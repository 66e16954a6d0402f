#!/usr/bin/env -S npx tsx
// Made from ../run.ts by `npm run generate`. Nothing is left out here.
// See how far you are, in the folder of the chapter: SUBJECT=exercise/run.ts npm test
//
// The runnable increment of chapter 04.
//
// - `run.ts`: the documented experiments, narrated (`--json`, `--only ID`, `--list`)
// - `run.ts [options] -- command…`: a container, now also from an image
// - `run.ts enter PID -- command…`: a second process in the same container
// - `run.ts build|commit|diff|history|layers|inspect|save|images|ps|rm …`: the rest
// - `--explain`: prints the program of system calls and runs nothing

import { addContainerOptions, explainLimited, runLimited } from '@slipway/cgroups';
import { addNamespaceOptions } from '@slipway/namespaces';
import { addRootOptions } from '@slipway/rootfs';
import { Command, CommanderError } from 'commander';
import { enter } from '../runtime/enter.ts';
import { folderRequest } from '../runtime/folder-request.ts';
import {
  explainedRequest,
  imageRequest,
  type RunFlags,
} from './runtime/image-request.ts';
import { addImageOptions, readImageFlags } from './runtime/options.ts';
import { verbs } from './runtime/verbs.ts';

type Flags = RunFlags & { readonly explain?: true };

process.exitCode = await main(process.argv.slice(2));

async function main(argv: readonly string[]): Promise<number> {
  const [word = '', ...rest] = argv;
  try {
    if (isForExperiments(argv)) return await showExperiments(argv);
    if (word === 'enter') return await enter(bare('run.ts enter'), rest);
    const verb = Object.hasOwn(verbs, word) ? verbs[word] : undefined;
    if (verb !== undefined) return await verb(bare(`run.ts ${word}`), rest);
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
  return runExperiments({ chapter: '04-unionfs', experiments, argv });
}

async function run(argv: readonly string[]): Promise<number> {
  const command = bare('run.ts').argument('[command...]');
  addRootOptions(addContainerOptions(addNamespaceOptions(command)));
  addImageOptions(command);
  command.option('--explain', 'print the program of system calls and run nothing');
  const parsed = command.parse(argv, { from: 'user' });
  const flags = parsed.opts<Flags>();
  readImageFlags(flags);
  const { image } = flags;
  const foreground = { interactive: flags.interactive ?? false };
  if (flags.explain && image !== undefined) {
    const { request, wish } = explainedRequest({ ...flags, image }, parsed.args);
    process.stdout.write(explainLimited(request, wish));
    return 0;
  }
  if (image !== undefined) {
    await using prepared = await imageRequest({ ...flags, image }, parsed.args);
    const status = await runLimited(prepared.request, prepared.wish, foreground);
    prepared.ended(status);
    return status;
  }
  await using prepared = await folderRequest(flags, parsed.args);
  const { request, wish } = prepared;
  if (!flags.explain) return await runLimited(request, wish, foreground);
  process.stdout.write(explainLimited(request, wish));
  return 0;
}

/** A command line that stops at the first word that is not an option. */
function bare(name: string): Command {
  return new Command(name).passThroughOptions().exitOverride();
}
// As made: 5337c4a4
