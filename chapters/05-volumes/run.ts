#!/usr/bin/env -S npx tsx
// The runnable increment of chapter 05.
//
// - `run.ts`: the documented experiments, narrated (`--json`, `--only ID`, `--list`)
// - `run.ts [options] -- command…`: a container, now with volumes
// - `run.ts volume create|ls|inspect|rm|prune`: the named ones
// - `run.ts enter …`, `commit`, `diff`, `layers` …, `pack`, `busybox`: as before
// - `--explain`: prints the program of system calls and runs nothing

import { addContainerOptions, explainLimited, runLimited } from '@slipway/cgroups';
import { enterVerb } from '@slipway/cgroups/runtime/enter-verb.ts';
import { addNamespaceOptions } from '@slipway/namespaces';
import { runChapter } from '@slipway/namespaces/runtime/command-line.ts';
import { addRootOptions, ownEnvironment } from '@slipway/rootfs';
import { makeBusyboxRoot, packRoot } from '@slipway/rootfs/make-roots.ts';
import { folderRequest } from '@slipway/unionfs/runtime/folder-request.ts';
import {
  explainedRequest,
  imageRequest,
  type RunFlags,
} from '@slipway/unionfs/runtime/image-request.ts';
import {
  addImageOptions,
  openFlaggedStore,
  readImageFlags,
} from '@slipway/unionfs/runtime/options.ts';
import { verbs } from '@slipway/unionfs/runtime/verbs.ts';
import { ContainerBook } from '@slipway/unionfs/store/containers.ts';
import type { Command } from 'commander';
import {
  imageVolumes,
  plannedRequest,
  requestWithVolumes,
} from './runtime/request-with-volumes.ts';
import {
  addVolumeOptions,
  ownVolumes,
  readMountRequests,
  type VolumeFlags,
} from './runtime/volume-options.ts';
import { volumeVerb } from './runtime/volume-verb.ts';
import type { MountRequest } from './wish/mount-request.ts';

type Flags = Omit<RunFlags, 'mount'> & VolumeFlags & { readonly explain?: true };

process.exitCode = await runChapter(
  {
    chapter: '05-volumes',
    experiments: async () => (await import('./experiments/index.ts')).experiments,
    verbs: {
      ...verbs,
      enter: enterVerb(ownEnvironment),
      pack: packRoot,
      busybox: makeBusyboxRoot,
      volume: (command, words) => volumeVerb(command, words, ownVolumes()),
    },
    run,
  },
  process.argv.slice(2),
);

async function run(command: Command, argv: readonly string[]): Promise<number> {
  addRootOptions(addContainerOptions(addNamespaceOptions(command)));
  addVolumeOptions(addImageOptions(command));
  command.option('--explain', 'print the program of system calls and run nothing');
  const parsed = command.parse(argv, { from: 'user' });
  const flags = parsed.opts<Flags>();
  const requests = readMountRequests(flags, process.cwd());
  const { mount, ...others } = flags;
  const whole: RunFlags = { ...others, ...(mount && { mount: true }) };
  readImageFlags(whole);
  if (flags.explain) return explain(whole, parsed.args, requests);
  const { image } = whole;
  return image === undefined
    ? runFolder(whole, parsed.args, requests)
    : runImage({ ...whole, image }, parsed.args, requests);
}

async function runFolder(
  flags: RunFlags,
  argv: readonly string[],
  requests: readonly MountRequest[],
): Promise<number> {
  await using prepared = await folderRequest(flags, argv);
  using volumes = await requestWithVolumes(prepared.request, requests);
  // Awaited here: all is given back when the container has ended, not before.
  return await runLimited(volumes.request, prepared.wish, streams(flags));
}

async function runImage(
  flags: RunFlags & { readonly image: string },
  argv: readonly string[],
  requests: readonly MountRequest[],
): Promise<number> {
  await using prepared = await imageRequest(flags, argv);
  const { request, root, wish } = prepared;
  try {
    const all = imageVolumes(root.config.config?.Volumes, requests);
    using volumes = await requestWithVolumes(request, all);
    const status = await runLimited(volumes.request, wish, streams(flags));
    prepared.ended(status);
    return status;
  } catch (error) {
    // It has never run: nothing of it is to stay, whatever its name.
    await prepared[Symbol.asyncDispose]();
    const book = new ContainerBook(openFlaggedStore(flags));
    if (book.find(prepared.record.id)) book.remove(prepared.record);
    throw error;
  }
}

async function explain(
  flags: RunFlags,
  argv: readonly string[],
  requests: readonly MountRequest[],
): Promise<number> {
  const { image } = flags;
  await using folder =
    image === undefined ? await folderRequest(flags, argv) : undefined;
  const prepared = folder ?? explainedRequest({ ...flags, image: image ?? '' }, argv);
  const request = plannedRequest(prepared.request, requests);
  process.stdout.write(explainLimited(request, prepared.wish));
  return 0;
}

function streams(flags: RunFlags): { readonly interactive: boolean } {
  return { interactive: flags.interactive ?? false };
}
