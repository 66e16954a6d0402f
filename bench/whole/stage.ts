/**
 * What is there before a whole container starts, and stays after it: an image of a few layers, a
 * volume, and a network that another container keeps up.
 *
 * - raiseStage(rootfs)  in a network namespace of the contestant's own, and in a scratch folder
 *
 * SLIPWAY_STATE leads into the folder meanwhile: books, volumes and the ledger of what is made on
 * the stage lie there. All of that hangs on the namespace, which ends with this process.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { scratchFolder } from '@slipway/lab';
import {
  holdNetwork,
  openHost,
  readNetworkOptions,
  type NetworkHost,
  type NetworkOptions,
} from '@slipway/network';
import { setUp } from '@slipway/network/links/link.ts';
import { openStore, type ImageStore, type StoredImage } from '@slipway/unionfs';
import { buildImage } from '@slipway/unionfs/store/build.ts';
import { ownVolumes, readMountRequests, type MountRequest } from '@slipway/volumes';

export interface Stage extends AsyncDisposable {
  readonly folder: string;
  readonly store: ImageStore;
  readonly image: StoredImage;
  /** What a container asks for. */
  readonly mounts: readonly MountRequest[];
  readonly network: NetworkOptions;
  /** Kept open, as by a program that starts many containers. */
  readonly host: NetworkHost;
}

/** Every namespace is born with it, and down. */
const loopback = 1;

/** The port of the host, and that of the container. */
export const ports = { host: 18_080, container: 80 } as const;

/** @throws Error if it cannot be raised; then nothing is left */
export async function raiseStage(rootfs: string): Promise<Stage> {
  await using stack = new AsyncDisposableStack();
  const { path: folder } = stack.use(scratchFolder());
  stack.use(stateIn(folder));
  const store = openStore(`${folder}/images`, 'overlay');
  const created = '2020-01-01T00:00:00Z';
  const image = await buildImage(store, [rootfs, ...layersAbove(folder)], { created });
  const host = stack.use(openHost());
  host.route.talk([setUp(loopback)]);
  await stack.use(await holdNetwork(bridged({ dns: ['none'] }), { host })).open();
  const mounts = readMountRequests({ volume: ['data:/data'] }, '/');
  const volume = ownVolumes().create('data');
  writeFileSync(`${volume.mountpoint}/kept`, 'from an earlier container\n');
  const network = bridged({ dns: ['none'], publish: [`${ports.host}:${ports.container}`] });
  const held = stack.move();
  const close = (): Promise<void> => held.disposeAsync();
  return { folder, store, image, mounts, network, host, [Symbol.asyncDispose]: close };
}

/** The scratch folder itself stands in the ledger that was there before. */
function stateIn(folder: string): Disposable {
  const before = process.env['SLIPWAY_STATE'];
  process.env['SLIPWAY_STATE'] = folder;
  return {
    [Symbol.dispose]: () => {
      if (before === undefined) delete process.env['SLIPWAY_STATE'];
      else process.env['SLIPWAY_STATE'] = before;
    },
  };
}

function bridged(flags: Parameters<typeof readNetworkOptions>[0]): NetworkOptions {
  const options = readNetworkOptions({ network: 'bridge', ...flags });
  if (options === undefined) throw new Error('the options name a network');
  return options;
}

/** A library and an application, as the upper layers of an image usually are. */
function layersAbove(folder: string): readonly string[] {
  return ['library', 'application'].map(name => {
    const layer = `${folder}/${name}`;
    mkdirSync(`${layer}/opt/${name}`, { recursive: true });
    mkdirSync(`${layer}/data`);
    writeFileSync(`${layer}/opt/${name}/file`, name);
    return layer;
  });
}
