#!/usr/bin/env -S npx tsx
// The runnable increment of chapter 04.
//
// - `run.ts`: the documented experiments, narrated (`--json`, `--only ID`, `--list`)
// - `run.ts [options] -- command…`: a container, now also from an image
// - `run.ts enter PID -- command…`: a second process in the same container
// - `run.ts build|commit|diff|history|layers|inspect|save|images|ps|rm …`: the rest
// - `--explain`: prints the program of system calls and runs nothing

import { addContainerOptions, explainLimited, runLimited } from '@slipway/cgroups';
import { enterVerb } from '@slipway/cgroups/runtime/enter-verb.ts';
import { addNamespaceOptions } from '@slipway/namespaces';
import { runChapter } from '@slipway/namespaces/runtime/command-line.ts';
import { addRootOptions, ownEnvironment } from '@slipway/rootfs';
import type { Command } from 'commander';
import { folderRequest } from './runtime/folder-request.ts';
import {
  explainedRequest,
  imageRequest,
  type RunFlags,
} from './runtime/image-request.ts';
import { addImageOptions, readImageFlags } from './runtime/options.ts';
import { verbs } from './runtime/verbs.ts';

type Flags = RunFlags & { readonly explain?: true };

process.exitCode = await runChapter(
  {
    chapter: '04-unionfs',
    experiments: async () => (await import('./experiments/index.ts')).experiments,
    verbs: { ...verbs, enter: enterVerb(ownEnvironment) },
    run,
  },
  process.argv.slice(2),
);

async function run(command: Command, argv: readonly string[]): Promise<number> {
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
