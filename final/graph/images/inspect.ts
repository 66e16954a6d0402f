// GET /images/…/json: all there is to say about an image.
//
// - `inspectImage(graph, image, version?)`: the answer
// - `shownConfig(config)`: what a container of it would run with, in Docker's full form
//
// Source: Docker Engine API v1.45, ImageInspect.

import { configSchema, type Config } from '../../daemon/containers/record/config.ts';
import type { RunConfig, StoredImage } from '../../libcontainer/layers.ts';
import type { Graph } from '../graph.ts';
import { shownNames } from './list.ts';
import { never, shownTime } from './moments.ts';

export interface InspectWish {
  /** Before 1.44 the size stood there twice. */
  readonly virtualSize?: boolean;
  /** Before 1.45 there was what the container had that it was made from. */
  readonly containerConfig?: boolean;
  /** Since 1.50 there is no more of a configuration than an image can have. */
  readonly lean?: boolean;
}

export function inspectImage(graph: Graph, image: StoredImage, wish: InspectWish = {}): unknown {
  const { id, config } = image;
  const { tags, digests } = shownNames(graph.names.of(id));
  const size = graph.sizeOf(image);
  const more = config as Readonly<Record<string, unknown>>;
  return {
    Id: id,
    RepoTags: tags,
    RepoDigests: digests,
    Parent: graph.names.parentOf(id) ?? '',
    Comment: text(more['comment']) || (config.history?.at(-1)?.comment ?? ''),
    Created: shownTime(config.created),
    ...(wish.containerConfig === true && {
      ContainerConfig: shownConfig(more['container_config'] as RunConfig | undefined),
    }),
    DockerVersion: text(more['docker_version']),
    Author: config.author ?? '',
    Config: wish.lean === true ? leanConfig(config.config) : shownConfig(config.config),
    Architecture: config.architecture,
    ...(text(more['variant']) !== '' && { Variant: text(more['variant']) }),
    Os: config.os,
    ...(text(more['os.version']) !== '' && { OsVersion: text(more['os.version']) }),
    Size: size,
    ...(wish.virtualSize === true && { VirtualSize: size }),
    GraphDriver: driverData(graph, image),
    RootFS: {
      Type: 'layers',
      ...(config.rootfs.diff_ids.length > 0 && { Layers: config.rootfs.diff_ids }),
    },
    Metadata: { LastTagTime: graph.names.tagged(id) ?? never },
  };
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

export function shownConfig(config: RunConfig | null | undefined): Config {
  return configSchema.parse(config ?? {});
}

const ofContainers: ReadonlySet<string> = new Set<keyof Config>([
  ...(['Hostname', 'Domainname', 'Image', 'NetworkDisabled', 'MacAddress'] as const),
  ...(['AttachStdin', 'AttachStdout', 'AttachStderr', 'Tty', 'OpenStdin', 'StdinOnce'] as const),
  'StopTimeout',
]);

function leanConfig(config: RunConfig | null | undefined): Partial<Config> {
  const entries = Object.entries(shownConfig(config));
  return Object.fromEntries(entries.filter(([field]) => !ofContainers.has(field)));
}

function driverData(graph: Graph, { layers }: StoredImage): unknown {
  const { driver } = graph;
  const top = layers.at(-1);
  if (top === undefined || driver.name === 'vfs') return { Data: null, Name: driver.name };
  const [upper = '', ...lower] = driver.layers(top, false).folders;
  const Data = { ...(lower.length > 0 && { LowerDir: lower.join(':') }), UpperDir: upper };
  return { Data, Name: driver.name };
}
