// The request that makes a container: its body, and what older clients mean by theirs.
//
// - `createBody`: Config, HostConfig and NetworkingConfig, in one object as Docker has them
// - `createRequest(query, body, minor)`: what the job is given, in the words of the newest version
// - `create`: the route
//
// What a version did not have yet is not looked at when it is sent, as a daemon of that time would
// not have. Source: api/server/router/container/container_routes.go of moby, postContainersCreate;
// runconfig/config_unix.go for what may stand outside HostConfig.

import { z } from 'zod';
import { createJob, type CreateRequest } from '../../daemon/containers/create/create.ts';
import { configSchema } from '../../daemon/containers/record/config.ts';
import {
  emptyHostConfig,
  hostConfigSchema,
  type HostConfig,
  type Mount,
} from '../../daemon/containers/record/host-config.ts';
import {
  endpointSchema,
  networkingSchema,
  type Networking,
} from '../../daemon/containers/record/networking.ts';
import { invalid } from '../../engine/refusal.ts';
import { text } from '../query.ts';
import { route } from '../route.ts';

type Raw = Readonly<Record<string, unknown>>;

/** Before there was a HostConfig its fields stood beside the others; some still may. */
const outside = ['Memory', 'MemorySwap', 'CpuShares', 'CpusetCpus', 'VolumeDriver'] as const;

function settle(raw: unknown): unknown {
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) return raw;
  const body = raw as Raw;
  const has = (schema: z.ZodObject): boolean =>
    Object.keys(schema.shape).some(field => Object.hasOwn(body, field));
  if (!has(configSchema)) {
    throw invalid('config cannot be empty in order to create a container');
  }
  const { HostConfig: inner, Cpuset } = body;
  const isOutside = inner === undefined || inner === null;
  const hostConfig = isOutside ? body : { ...pick(body, outside), ...dropZeros(inner as Raw) };
  const { CpusetCpus = '' } = hostConfig as { CpusetCpus?: unknown };
  return {
    ...body,
    HostConfig: CpusetCpus === '' && Cpuset ? { ...hostConfig, CpusetCpus: Cpuset } : hostConfig,
  };
}

function pick(body: Raw, fields: readonly string[]): Raw {
  return Object.fromEntries(Object.entries(body).filter(([field]) => fields.includes(field)));
}

/** Of the fields that may stand outside: zero gives way to what stands there. */
function dropZeros(inner: Raw): Raw {
  if (typeof inner !== 'object') return inner;
  const isZero = (value: unknown): boolean => value === 0 || value === '' || value === null;
  return Object.fromEntries(
    Object.entries(inner).filter(
      ([field, value]) => !(outside as readonly string[]).includes(field) || !isZero(value),
    ),
  );
}

export const createBody = z.preprocess(
  settle,
  z.intersection(
    configSchema,
    z.object({
      HostConfig: hostConfigSchema.nullish().transform(config => config ?? emptyHostConfig()),
      NetworkingConfig: networkingSchema
        .nullish()
        .transform(config => config ?? networkingSchema.parse({})),
    }),
  ),
);

type Body = z.output<typeof createBody>;

interface CreateQuery {
  readonly name?: string | undefined;
  readonly platform?: string | undefined;
}

/** @throws Refusal INVALID for what the version does not have and cannot leave out */
export function createRequest(
  { name, platform }: CreateQuery,
  body: Body,
  minor: number,
): CreateRequest & { readonly warnings: readonly string[] } {
  const { HostConfig: asked, NetworkingConfig, MacAddress = '', ...rest } = body;
  const config = { ...rest, MacAddress: undefined };
  const isDefault = ['', 'default'].includes(asked.NetworkMode);
  const mode = isDefault ? 'default' : asked.NetworkMode;
  const entries = Object.entries(NetworkingConfig.EndpointsConfig).map(
    ([network, endpoint]) =>
      // Mostly the default network is the bridge, and some call it so.
      [isDefault && network === 'bridge' ? 'default' : network, endpoint] as const,
  );
  refuseUnknown(asked.Mounts ?? [], minor);
  if (minor < 44 && entries.length > 1) {
    const names = entries.map(([network]) => network).join(', ');
    throw invalid(`Container cannot be created with multiple network endpoints: ${names}`);
  }
  const hostConfig = hostConfigOf({ ...asked, NetworkMode: mode }, minor);
  const endpoints = Object.fromEntries(entries);
  const moved = moveMac(MacAddress, mode, { EndpointsConfig: endpoints }, minor);
  const check = config.Healthcheck;
  const dropsInterval = minor < 44 && check !== undefined;
  return {
    ...{ name, platform: minor < 41 ? undefined : platform, hostConfig },
    config: dropsInterval ? { ...config, Healthcheck: { ...check, StartInterval: 0 } } : config,
    ...moved,
  };
}

function hostConfigOf(asked: HostConfig, minor: number): HostConfig {
  const { IpcMode, CgroupnsMode, Mounts, KernelMemory } = asked;
  return {
    ...asked,
    ...(minor < 25 && { AutoRemove: false }),
    ...(minor < 40 && { KernelMemoryTCP: undefined, IpcMode: IpcMode || 'shareable' }),
    ...(minor < 41 && { CgroupnsMode: CgroupnsMode || 'host' }),
    ...(minor < 42 && { ConsoleSize: [0, 0] as const }),
    ...(minor < 43 && { Annotations: undefined }),
    KernelMemory: minor < 42 ? KernelMemory : undefined,
    Mounts: Mounts?.map(mount => mountOf(mount, minor)),
  };
}

function refuseUnknown(mounts: readonly Mount[], minor: number): void {
  for (const { Type, BindOptions, VolumeOptions } of mounts) {
    if (minor < 44 && Type === 'bind' && BindOptions?.ReadOnlyForceRecursive === true) {
      throw invalid('BindOptions.ReadOnlyForceRecursive needs API v1.44 or newer');
    }
    if (minor < 45 && (VolumeOptions?.Subpath ?? '') !== '') {
      throw invalid('VolumeOptions.Subpath needs API v1.45 or newer');
    }
  }
}

function mountOf(mount: Mount, minor: number): Mount {
  const { Type, BindOptions, VolumeOptions, TmpfsOptions } = mount;
  if (minor >= 44) return mount;
  const unsaid = { Propagation: undefined, NonRecursive: undefined, CreateMountpoint: undefined };
  const bind = {
    ...{ ...unsaid, ReadOnlyNonRecursive: undefined, ReadOnlyForceRecursive: undefined },
    ...BindOptions,
    ...(minor < 40 && { NonRecursive: false }),
    ...(minor < 42 && { CreateMountpoint: false }),
    // Read-only went no further than the mount itself.
    ...(Type === 'bind' && { ReadOnlyNonRecursive: true }),
  };
  return {
    ...mount,
    BindOptions: BindOptions !== undefined || Type === 'bind' ? bind : undefined,
    ...(minor < 42 && {
      VolumeOptions: Type === 'volume' ? VolumeOptions : undefined,
      TmpfsOptions: Type === 'tmpfs' ? TmpfsOptions : undefined,
    }),
  };
}

interface Moved {
  readonly networking: Networking;
  readonly warnings: readonly string[];
}

/** A hardware address belongs to an endpoint; before version 1.44 it was the container's. */
function moveMac(mac: string, mode: string, networking: Networking, minor: number): Moved {
  const { EndpointsConfig: endpoints } = networking;
  const isOwn = !['host', 'none'].includes(mode) && !mode.startsWith('container:');
  const name = minor < 44 ? (Object.keys(endpoints)[0] ?? mode) : mode;
  const at = (address: string): Networking => {
    const endpoint = endpoints[name] ?? endpointSchema.parse({});
    return { EndpointsConfig: { ...endpoints, [name]: { ...endpoint, MacAddress: address } } };
  };
  if (minor < 44) {
    if (mac === '') {
      return { networking: endpoints[name] ? at('') : networking, warnings: [] };
    }
    if (isOwn) return { networking: at(mac), warnings: [] };
    throw invalid('conflicting options: mac-address and the network mode');
  }
  if (mac === '') return { networking, warnings: [] };
  const warnings = [
    'The container-wide MacAddress field is now deprecated. It should be specified in ' +
      'EndpointsConfig instead.',
  ];
  if (!isOwn) return { networking, warnings };
  const there = endpoints[name];
  if (there === undefined && Object.keys(endpoints).length > 0) {
    throw invalid(
      'if a container-wide MAC address is supplied, HostConfig.NetworkMode must match the ' +
        'identity of a network in NetworkSettings.Networks',
    );
  }
  if (there !== undefined && there.MacAddress !== '' && there.MacAddress !== mac) {
    throw invalid(
      'the container-wide MAC address must match the endpoint-specific MAC address for the main ' +
        'network, or be left empty',
    );
  }
  return { networking: at(mac), warnings };
}

export const create = route({
  method: 'POST',
  path: '/containers/create',
  job: createJob.name,
  query: z.object({ name: text(), platform: text() }),
  body: createBody,
  needsBody: true,
  handle: async ({ engine, query, body, version: { minor } }) => {
    const { warnings: ours, ...env } = createRequest(query, body, minor);
    const { id, warnings } = await engine.run(createJob, { args: [env.name ?? ''], env });
    const value = { Id: id, Warnings: [...warnings, ...ours] };
    return { kind: 'json', status: 201, value };
  },
});
