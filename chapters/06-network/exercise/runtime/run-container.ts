// Made from ../../runtime/run-container.ts by `npm run generate`. Nothing is left out here.
// See how far you are, in the folder of the chapter: SUBJECT=exercise/run.ts npm test
//
// A whole container: image, volumes, limits and network, put together for one run.
//
// - `runContainer(flags, argv)`: runs it to its end → the exit status
// - `explainContainer(flags, argv)`: its program as text; nothing is made
// - `addAllOptions(command)`: every option of six chapters
//
// Each chapter wraps the request of the one before: nothing in here knows how. What is
// held is given back in reverse order: first volumes, then the network, then the root.

import {
  addContainerOptions,
  explainLimited,
  readWish,
  runLimited,
  thisMachine,
  type ContainerFlags,
  type Wish,
} from '@slipway/cgroups';
import {
  addNamespaceOptions,
  containerRequest,
  ownSurroundings,
  readContainerOptions,
  type NamespaceFlags,
} from '@slipway/namespaces';
import type { SpawnRequest } from '@slipway/native';
import {
  addRootOptions,
  openRoot,
  ownEnvironment,
  readRootOptions,
  withRoot,
  type RootFlags,
} from '@slipway/rootfs';
import { wishedDevices } from '@slipway/rootfs/root-options.ts';
import {
  explainedRequest,
  imageRequest,
} from '@slipway/unionfs/runtime/image-request.ts';
import {
  addImageOptions,
  readImageFlags,
  type ImageFlags,
} from '@slipway/unionfs/runtime/options.ts';
import {
  addVolumeOptions,
  holdVolumes,
  plannedVolumes,
  readMountRequests,
  refuseWithoutRoot,
  withVolumes,
  type MountRequest,
  type PreparedMount,
  type VolumeFlags,
} from '@slipway/volumes';
import type { Command } from 'commander';
import { hasUserNamespace, withNetwork } from '../network/with-network.ts';
import { holdNetwork, plannedNetwork } from './hold-network.ts';
import type { FileMount } from '../../runtime/mount-files.ts';
import {
  addNetworkOptions,
  readNetworkOptions,
  type NetworkFlags,
  type NetworkOptions,
} from './network-options.ts';

/** The flags of all chapters, as commander leaves them. */
export type AllFlags = Omit<NamespaceFlags, 'mount'> &
  ContainerFlags &
  RootFlags &
  ImageFlags &
  VolumeFlags &
  NetworkFlags;

export function addAllOptions(command: Command): Command {
  addImageOptions(addRootOptions(addContainerOptions(addNamespaceOptions(command))));
  return addNetworkOptions(addVolumeOptions(command));
}

/** A container without volumes and network. */
interface Plain {
  readonly request: SpawnRequest;
  readonly wish: Wish;
  /** Of the root as a mount; undefined without one. */
  readonly root?: number;
  /** The container's own name. */
  readonly name?: string;
  readonly ended?: (status: number) => void;
}

export async function runContainer(
  flags: AllFlags,
  argv: readonly string[],
): Promise<number> {
  const wishes = readWishes(flags);
  await using held = new AsyncDisposableStack();
  const plain = await openPlain(flags, argv, held);
  const rooted = await addVolumes(plain, wishes, held);
  const status = await runLimited(rooted, plain.wish, {
    interactive: flags.interactive ?? false,
  });
  plain.ended?.(status);
  return status;
}

interface Wishes {
  readonly mounts: readonly MountRequest[];
  readonly network: NetworkOptions | undefined;
}

/** All that can be refused before anything is made. */
function readWishes(flags: AllFlags): Wishes {
  readImageFlags(flags);
  const network = readNetworkOptions(flags);
  const mounts = readMountRequests(flags, process.cwd());
  if (flags.image === undefined && flags.rootfs === undefined)
    refuseWithoutRoot(mounts);
  return { mounts, network };
}

async function openPlain(
  flags: AllFlags,
  argv: readonly string[],
  held: AsyncDisposableStack,
): Promise<Plain> {
  const { image } = flags;
  if (image !== undefined) {
    const prepared = held.use(await imageRequest({ ...mounting(flags), image }, argv));
    const { request, wish, root, record } = prepared;
    const ended = (status: number): void => prepared.ended(status);
    return { request, wish, root: root.descriptor, name: record.name, ended };
  }
  const wanted = readRootOptions(flags);
  if (wanted === undefined) return withoutRoot(flags, argv);
  const root = held.use(await openRoot(wanted.path));
  return withFolder(flags, argv, root.descriptor);
}

type OneTable = Omit<AllFlags, 'mount'> & { readonly mount: true };

/** Chapter 01 has a switch where chapter 05 has values. */
function mounting(flags: AllFlags): OneTable {
  return { ...flags, mount: true };
}

function withoutRoot(flags: AllFlags, argv: readonly string[]): Plain {
  const { mount, ...others } = flags;
  const own = mount ? mounting(flags) : others;
  const options = readContainerOptions(own, argv, ownSurroundings());
  const wish = readWish(flags, options.namespaces, thisMachine());
  return { request: containerRequest(options), wish };
}

function withFolder(flags: AllFlags, argv: readonly string[], root: number): Plain {
  // Its /proc shows a pid namespace. The host's has a way out: /proc/1/root.
  const all = { ...mounting(flags), pid: true } as const;
  const options = readContainerOptions(all, argv, ownSurroundings());
  const wish = readWish(flags, options.namespaces, thisMachine(), true);
  const plain = containerRequest({ ...options, env: ownEnvironment(flags) });
  const readOnly = flags.readOnly ?? false;
  const devices = wishedDevices(flags, thisMachine());
  return {
    request: withRoot(plain, { descriptor: root, readOnly, devices }),
    wish,
    root,
  };
}

async function addVolumes(
  plain: Plain,
  { mounts, network }: Wishes,
  held: AsyncDisposableStack,
): Promise<SpawnRequest> {
  const { root, name } = plain;
  const options = network?.mode === 'bridge' && name ? { ...network, name } : network;
  const isBorn = hasUserNamespace(plain.request);
  const own = options && held.use(await holdNetwork(options, { isBorn }));
  const volumes =
    root === undefined ? [] : held.use(await holdVolumes(mounts, root)).mounts;
  if (own === undefined) return complete(plain, volumes, []);
  for (const line of own.chosen) process.stderr.write(`slipway: port ${line}\n`);
  return withNetwork(complete(plain, volumes, own.files), await own.open());
}

/** What a user mounts over /etc/hosts is what the user wants there. */
function complete(
  { request, root }: Plain,
  volumes: readonly PreparedMount[],
  files: readonly FileMount[],
): SpawnRequest {
  if (root === undefined) return request;
  const taken = new Set(volumes.map(({ target }) => target));
  const ours = files.filter(({ target }) => !taken.has(target));
  return withVolumes(request, [...ours, ...volumes]);
}

export function explainContainer(flags: AllFlags, argv: readonly string[]): string {
  const { mounts, network } = readWishes(flags);
  const plain = planned(flags, argv);
  const whole = complete(plain, plannedVolumes(mounts), []);
  if (network === undefined) return explainLimited(whole, plain.wish);
  const own = plannedNetwork(network, hasUserNamespace(whole));
  return explainLimited(withNetwork(whole, own), plain.wish);
}

function planned(flags: AllFlags, argv: readonly string[]): Plain {
  const { image } = flags;
  if (image !== undefined) {
    return { ...explainedRequest({ ...mounting(flags), image }, argv), root: 0 };
  }
  if (readRootOptions(flags) === undefined) return withoutRoot(flags, argv);
  return withFolder(flags, argv, 0);
}
// As made: c9bb16fb
