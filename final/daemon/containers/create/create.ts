// A container is made: everything is asked and refused first, then it appears at once.
//
// - `createJob`: { name, platform, config, hostConfig, networking } → its id, and warnings
// - `createContainer(containers, request)`: does it
//
// Order: the request by itself, the image, both together, the name; then the layer and the
// volumes; at last the record, from which moment on it exists. Whatever fails leaves nothing.

import { hostname } from 'node:os';
import { failpoint } from '../../../engine/failpoints.ts';
import { jobType } from '../../../engine/job.ts';
import { invalid, notFound, Refusal } from '../../../engine/refusal.ts';
import type { Containers } from '../core/containers.ts';
import type { StoredImage } from '../../../libcontainer/layers.ts';
import { cleanPath } from '../../../volumes/points/place.ts';
import { configSchema, type Config } from '../record/config.ts';
import type { HostConfig } from '../record/host-config.ts';
import { checkName, inventName, newId } from '../record/names.ts';
import type { Networking } from '../record/networking.ts';
import type { ContainerId, ContainerRecord } from '../record/record.ts';
import { newborn } from '../record/state.ts';
import { verifyLogOptions } from '../logs/options/settings.ts';
import { withDefaults } from './defaults.ts';
import { prepareFiles } from './files.ts';
import { readHost } from './host.ts';
import { commandOf, merge } from './merge.ts';
import { fits, parsePlatform } from '../../../graph/platform.ts';
import { verifyNamed } from './verify-named.ts';
import { sharedWith } from './verify-modes.ts';
import { verify, verifyConfig } from './verify.ts';

export interface CreateRequest {
  /** Undefined: invented. */
  readonly name: string | undefined;
  readonly platform: string | undefined;
  readonly config: Config;
  readonly hostConfig: HostConfig;
  readonly networking: Networking;
}

export interface Created {
  readonly id: ContainerId;
  readonly warnings: readonly string[];
}

export const createJob = jobType<CreateRequest, Created>('create');

export async function createContainer(
  containers: Containers,
  request: CreateRequest,
): Promise<Created> {
  const { settings } = containers;
  const host = readHost();
  const platform = request.platform ? parsePlatform(request.platform) : undefined;
  const { hostConfig: asked, warnings } = verify(request.config, request.hostConfig, host);
  if (request.config.Image === '') commandOf(request.config);
  const image = await containers.needs.images.obtain(request.config.Image);
  const { os, architecture } = image.config;
  if (platform !== undefined && !fits(platform, { os, architecture })) {
    const found = `${os}/${architecture}`;
    throw notFound(
      `image with reference ${request.config.Image} was found but does not match the ` +
        `specified platform: wanted ${request.platform}, actual: ${found}`,
    );
  }
  const merged = merge(request.config, configSchema.parse(image.config.config ?? {}));
  verifyConfig(merged);
  const hostConfig = shareById(containers, withDefaults(asked, settings, host.cgroupVersion));
  commandOf(merged);
  verifyLogOptions(hostConfig.LogConfig);
  const id = newId(containers.needs.random);
  const name = chooseName(containers, request.name);
  using held = new DisposableStack();
  held.use(containers.store.reserve(name, id));
  failpoint('create.named');
  const links = verifyNamed(containers, hostConfig);
  const WorkingDir = merged.WorkingDir && cleanPath(merged.WorkingDir);
  const config = {
    ...merged,
    WorkingDir,
    Hostname: merged.Hostname || ownHostname(id, hostConfig),
  };
  await make(containers, { id, name, config, hostConfig, links, image, request });
  return { id, warnings };
}

function chooseName(containers: Containers, asked: string | undefined): string {
  if (asked !== undefined && asked !== '') return checkName(asked);
  return inventName(containers.needs.random, name => containers.store.isTaken(name));
}

/** Who uses the host's network has its name, too. */
function ownHostname(id: string, { NetworkMode }: HostConfig): string {
  return NetworkMode === 'host' ? hostname() : id.slice(0, 12);
}

/**
 * `container:NAME` keeps its meaning when that container gets another name. Whose network it is
 * is looked at when it starts.
 */
function shareById(containers: Containers, hostConfig: HostConfig): HostConfig {
  const byId = (mode: string, isNeeded: boolean): string => {
    const reference = sharedWith(mode);
    if (reference === undefined) return mode;
    try {
      return `container:${containers.find(reference).id}`;
    } catch (error) {
      if (!(error instanceof Refusal) || error.code !== 'NOT_FOUND') throw error;
      // Were it `not found`, the client would believe that the image is missing.
      if (isNeeded) throw invalid(error.message, { cause: error });
      return mode;
    }
  };
  const { NetworkMode, PidMode, IpcMode } = hostConfig;
  return {
    ...hostConfig,
    NetworkMode: byId(NetworkMode, false),
    ...{ PidMode: byId(PidMode, true), IpcMode: byId(IpcMode, true) },
  };
}

interface Ready {
  readonly id: ContainerId;
  readonly name: string;
  readonly config: Config;
  readonly hostConfig: HostConfig;
  readonly links: ContainerRecord['links'];
  readonly image: StoredImage;
  readonly request: CreateRequest;
}

async function make(containers: Containers, ready: Ready): Promise<void> {
  const { id, config, hostConfig, image } = ready;
  const { layers, networks, volumes } = containers.needs;
  const { networking, config: asked } = ready.request;
  const endpoints = networking.EndpointsConfig;
  // A name that nobody has asked for is in nobody's way.
  const unnamed = { ...config, Hostname: asked.Hostname };
  const planned = networks.plan({ config: unnamed, hostConfig, endpoints });
  await using undo = new AsyncDisposableStack();
  await layers.create(id, image);
  undo.defer(() => layers.remove(id));
  undo.defer(async () => {
    await containers.live(id).tree.drop();
    containers.forget(id);
  });
  failpoint('create.layers');
  const mounts = volumes.resolve({ config, hostConfig });
  undo.defer(() => volumes.forget({ id, mounts }));
  failpoint('create.volumes');
  await prepareFiles(containers, { id, config, mounts: [...mounts] });
  failpoint('create.files');
  const { path, args } = commandOf(config);
  const record: ContainerRecord = {
    version: 1,
    ...{ id, name: ready.name, created: containers.timeNow(), imageId: image.id },
    ...{ platform: image.config.os, path, args, config, hostConfig },
    networks: planned,
    ...(ready.links && { links: ready.links }),
    mounts: [...mounts],
    state: newborn,
    restartCount: 0,
    stoppedByHand: false,
    driver: containers.settings.storageDriver,
  };
  containers.save(record);
  undo.move();
  failpoint('create.recorded');
  volumes.keep(record);
  containers.tell(record, 'create');
}
