// Made from ../../runtime/volume-options.ts by `npm run generate`. Nothing is left out here.
// See how far you are, in the folder of the chapter: SUBJECT=exercise/run.ts npm test
//
// The command line of chapter 05: what it adds to those before.
//
// - `addVolumeOptions(command)`: declares -v, --mount, --tmpfs, --volumes-from
// - `readMountRequests(flags, folder)`: all of them, in the order of mounting
// - `ownVolumes()`: the volumes of this user's runtime
//
// `--mount` is a switch since chapter 01 (a table of mounts of its own) and has a value
// with Docker. Here it is both: a container with volumes has such a table anyway.

import { dirname } from 'node:path';
import { ledgerPath } from '@slipway/lab';
import { UsageError } from '@slipway/namespaces';
import type { Command } from 'commander';
import { VolumeStore } from '../store/volume-store.ts';
import { arrange } from '../wish/arrange.ts';
import { parseDashMount } from '../wish/dash-mount.ts';
import { parseDashV } from '../wish/dash-v.ts';
import type { MountRequest } from '../../wish/mount-request.ts';
import { parseDashTmpfs } from '../wish/tmpfs.ts';
import { volumesFrom } from '../../runtime/volume-record.ts';

/** The flags as commander leaves them. */
export interface VolumeFlags {
  readonly volume?: readonly string[];
  /** Empty for the switch alone. */
  readonly mount?: readonly string[];
  readonly tmpfs?: readonly string[];
  readonly volumesFrom?: readonly string[];
}

/** Declares the options of this chapter on `command`, which has those of chapter 01. */
export function addVolumeOptions(command: Command): Command {
  const collect = (text: string, before: readonly string[] = []): readonly string[] => [
    ...before,
    text,
  ];
  const known = command.options.find(({ long }) => long === '--mount');
  if (known) {
    known.optional = true;
    known.preset('');
    known.argParser((text: string, before: readonly string[] | undefined) =>
      text === '' ? (before ?? []) : [...(before ?? []), text],
    );
    known.flags = '--mount [type=…,src=…,dst=…]';
    known.description = 'a mount namespace of its own, and this mount in it';
    // Without the words that commander adds about the preset.
    command.configureHelp({ optionDescription: ({ description }) => description });
  }
  return command
    .option('-v, --volume <[source:]target[:options]>', 'a folder or a volume', collect)
    .option('--tmpfs <target[:options]>', 'memory, mounted at the target', collect)
    .option('--volumes-from <pid[:ro]>', 'the same volumes as that container', collect);
}

/** @throws UsageError naming the option that cannot be */
export function readMountRequests(
  flags: VolumeFlags,
  folder: string,
): readonly MountRequest[] {
  const { volume = [], mount = [], tmpfs = [], volumesFrom: others = [] } = flags;
  const requests = [
    ...volume.map(text => parseDashV(text, folder)),
    ...mount.map(text => parseDashMount(text, folder)),
    ...tmpfs.map(parseDashTmpfs),
  ];
  return arrange(requests, others.flatMap(volumesFrom));
}

/**
 * @throws UsageError: without a root of its own it would be mounted on the host's files
 */
export function refuseWithoutRoot(requests: readonly MountRequest[]): void {
  const [first] = requests;
  if (first === undefined) return;
  throw new UsageError(
    `${first.asked}: it would lie on this machine's files: add --image or --rootfs`,
  );
}

/** Beside the ledger, in a folder that survives a reboot. */
export function ownVolumes(): VolumeStore {
  return VolumeStore.at(`${dirname(ledgerPath())}/volumes`);
}
// As made: 8f5ce3dd
