// Made from ../../runtime/image-request.ts by `npm run generate`. It leaves out one part: yours.
// See how far you are, in the folder of the chapter: SUBJECT=exercise/run.ts npm test
//
// A container from an image: flags become a request, and a root for it.
//
// - `imageRequest(flags, argv)`: everything that `spawn` needs, held until disposed of
// - `explainedRequest(flags, argv)`: the same without making anything
//
// Later chapters wrap it: they add descriptors and steps to `.request` (volumes,
// network), and hand it to `runLimited` themselves.
//
// An image brings the whole of a container along, so --image implies what makes one:
// processes, mounts, a name, queues and a view of the control groups of its own. Only
// the network stays the host's until somebody asks for --net.

import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import {
  readWish,
  thisMachine,
  type ContainerFlags,
  type Wish,
} from '@slipway/cgroups';
import {
  containerRequest,
  ownSurroundings,
  readContainerOptions,
  type NamespaceFlags,
} from '@slipway/namespaces';
import type { SpawnRequest } from '@slipway/native';
import { withRoot, type RootFlags } from '@slipway/rootfs';
import { wishedDevices } from '@slipway/rootfs/root-options.ts';
import { openImage } from '../images/open-image.ts';
import type { ImageConfig } from '../images/schemas.ts';
import { openContainerRoot, type ContainerRoot } from '../store/container-root.ts';
import { ContainerBook, type ContainerRecord } from '../store/containers.ts';
import { usualFiles, type OwnFiles } from '../store/init-layer.ts';
import { findImage } from './find-image.ts';
import { lastSteps, processOf } from '../../runtime/image-process.ts';
import { openFlaggedStore, type ImageFlags } from './options.ts';

export type RunFlags = NamespaceFlags & ContainerFlags & RootFlags & ImageFlags;

export interface Prepared extends AsyncDisposable {
  readonly request: SpawnRequest;
  readonly wish: Wish;
  readonly root: ContainerRoot;
  readonly record: ContainerRecord;
  /** To be called with its exit status; disposing then removes a passing container. */
  ended(exitCode: number): void;
}

export interface Own {
  /** /etc/hosts and its kin, from the id of the container and its host name. */
  readonly files?: (id: string, hostname: string) => OwnFiles;
}

/** @throws UsageError, ImageRefused, LayerRefused, GraphError */
export async function imageRequest(
  flags: RunFlags & { readonly image: string },
  argv: readonly string[],
  own: Own = {},
): Promise<Prepared> {
  const store = openFlaggedStore(flags);
  const book = new ContainerBook(store);
  book.sweep();
  const image = await findImage(store, flags.image);
  // What the flags say is judged before anything is made.
  const draft = requestFor(flags, argv, { config: image.config, id: '0'.repeat(64) });
  // YOUR PART own-layer: The container writes to a layer that is called after it. Which
  // name does nobody else have, not even another container of the same image?
  const id = randomBytes(0).toString('hex') + image.id.slice('sha256:'.length);
  const record: ContainerRecord = {
    name: flags.name ?? id.slice(0, 12),
    id,
    image: image.id,
    argv: [...draft.argv],
    created: new Date().toISOString(),
    passing: flags.name === undefined || flags.rm === true,
  };
  book.create(record);
  const held = new AsyncDisposableStack();
  held.defer(() => {
    if (record.passing) book.remove(record);
  });
  try {
    const hostname = flags.hostname ?? id.slice(0, 12);
    const files = (own.files ?? usual)(id, hostname);
    const root = held.use(await openContainerRoot({ store, image, id, files }));
    const { request, wish } = requestFor(flags, argv, { ...image, id, root });
    return {
      request,
      wish,
      root,
      record,
      ended: exitCode => book.ended(record, exitCode),
      [Symbol.asyncDispose]: () => held.disposeAsync(),
    };
  } catch (error) {
    // It has never run: nothing of it is to stay, whatever its name.
    await held.disposeAsync();
    if (book.find(record.name)?.id === id) book.remove(record);
    throw error;
  }
}

function usual(_: string, hostname: string): OwnFiles {
  return usualFiles(hostname, readFileSync('/etc/resolv.conf', 'utf8'));
}

interface About {
  readonly config: ImageConfig;
  readonly id: string;
  readonly root?: ContainerRoot;
}

interface Built {
  readonly request: SpawnRequest;
  readonly wish: Wish;
  readonly argv: readonly string[];
}

function requestFor(flags: RunFlags, argv: readonly string[], about: About): Built {
  const { config, id, root } = about;
  const whole: RunFlags = {
    ...flags,
    ...{ pid: true, mount: true, uts: true, ipc: true, cgroup: true },
    hostname: flags.hostname ?? id.slice(0, 12),
  };
  const process = processOf(config.config ?? {}, flags, argv);
  const options = readContainerOptions(whole, process.argv, ownSurroundings());
  const wish = readWish(flags, options.namespaces, thisMachine(), true);
  const rooted = withRoot(containerRequest({ ...options, env: process.env }), {
    descriptor: root?.descriptor ?? 0,
    readOnly: flags.readOnly ?? false,
    devices: wishedDevices(flags, thisMachine()),
  });
  const last = root === undefined ? [] : lastSteps(process, root.descriptor);
  const { program } = rooted;
  const request = {
    ...rooted,
    program: [...program.slice(0, -1), ...last, ...program.slice(-1)],
  };
  return { request, wish, argv: process.argv };
}

/** For --explain: nothing is unpacked, made or mounted. */
export function explainedRequest(
  flags: RunFlags & { readonly image: string },
  argv: readonly string[],
): Pick<Prepared, 'request' | 'wish'> {
  const known = openFlaggedStore(flags).find(flags.image);
  if (known !== undefined) {
    return requestFor(flags, argv, { config: known.config, id: '0'.repeat(64) });
  }
  using image = openImage(flags.image);
  return requestFor(flags, argv, { config: image.config, id: '0'.repeat(64) });
}
// As made: 232223b4
