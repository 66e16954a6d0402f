// How a container is to run on this host: `HostConfig` of Docker's API.
//
// - `hostConfigSchema`, `HostConfig`: as it is sent, kept and shown
// - `Mount`, `PortBinding`: parts of it that others name
// - `resourcesSchema`: what an update may change
//
// Sources: Docker Engine API v1.45, HostConfig and Resources.

import { z } from 'zod';
import { flag, list, map, maybe, text, whole, words } from './go-json.ts';

const portBindingSchema = z.object({ HostIp: text, HostPort: text });
export type PortBinding = z.output<typeof portBindingSchema>;

const restartPolicySchema = z
  .object({ Name: text, MaximumRetryCount: whole })
  .nullish()
  .transform(policy => policy ?? { Name: '', MaximumRetryCount: 0 });

const mountSchema = z.object({
  Type: text,
  Source: maybe(z.string()),
  Target: text,
  ReadOnly: maybe(z.boolean()),
  Consistency: maybe(z.string()),
  BindOptions: maybe(
    z.object({
      Propagation: maybe(z.string()),
      NonRecursive: maybe(z.boolean()),
      CreateMountpoint: maybe(z.boolean()),
      ReadOnlyNonRecursive: maybe(z.boolean()),
      ReadOnlyForceRecursive: maybe(z.boolean()),
    }),
  ),
  VolumeOptions: maybe(
    z.object({
      NoCopy: maybe(z.boolean()),
      Labels: maybe(z.record(z.string(), text)),
      Subpath: maybe(z.string()),
      DriverConfig: maybe(
        z.object({ Name: maybe(z.string()), Options: maybe(z.record(z.string(), text)) }),
      ),
    }),
  ),
  TmpfsOptions: maybe(
    z.object({
      SizeBytes: maybe(z.int()),
      Mode: maybe(z.int()),
      Options: maybe(z.array(z.array(z.string()))),
    }),
  ),
});
export type Mount = z.output<typeof mountSchema>;

const throttle = list(z.object({ Path: text, Rate: whole }));

const deviceSchema = z.object({
  PathOnHost: text,
  PathInContainer: text,
  CgroupPermissions: text,
});

const deviceRequestSchema = z.object({
  Driver: text,
  Count: whole,
  DeviceIDs: list(z.string()),
  Capabilities: list(z.array(z.string())),
  Options: map(text),
});

const ulimitSchema = z.object({ Name: text, Hard: whole, Soft: whole });

const resourceFields = {
  CpuShares: whole,
  Memory: whole,
  NanoCpus: whole,
  CgroupParent: text,
  BlkioWeight: whole,
  BlkioWeightDevice: list(z.object({ Path: text, Weight: whole })),
  BlkioDeviceReadBps: throttle,
  BlkioDeviceWriteBps: throttle,
  BlkioDeviceReadIOps: throttle,
  BlkioDeviceWriteIOps: throttle,
  CpuPeriod: whole,
  CpuQuota: whole,
  CpuRealtimePeriod: whole,
  CpuRealtimeRuntime: whole,
  CpusetCpus: text,
  CpusetMems: text,
  Devices: list(deviceSchema),
  DeviceCgroupRules: list(z.string()),
  DeviceRequests: list(deviceRequestSchema),
  KernelMemory: maybe(z.int()),
  KernelMemoryTCP: maybe(z.int()),
  MemoryReservation: whole,
  MemorySwap: whole,
  MemorySwappiness: z
    .int()
    .nullish()
    .transform(value => value ?? null),
  OomKillDisable: z
    .boolean()
    .nullish()
    .transform(value => value ?? null),
  PidsLimit: z
    .int()
    .nullish()
    .transform(value => value ?? null),
  Ulimits: list(ulimitSchema),
  CpuCount: whole,
  CpuPercent: whole,
  IOMaximumIOps: whole,
  IOMaximumBandwidth: whole,
};

const resourcesSchema = z.object(resourceFields);
export type Resources = z.output<typeof resourcesSchema>;

export const updateSchema = z.object({ ...resourceFields, RestartPolicy: restartPolicySchema });
export type UpdateConfig = z.output<typeof updateSchema>;

const consoleSize = z
  .tuple([z.int().nonnegative(), z.int().nonnegative()])
  .nullish()
  .transform((size): readonly [number, number] => size ?? [0, 0]);

export const hostConfigSchema = z.object({
  Binds: list(z.string()),
  ContainerIDFile: text,
  LogConfig: z
    .object({ Type: text, Config: map(text) })
    .nullish()
    .transform(config => config ?? { Type: '', Config: null }),
  NetworkMode: text,
  PortBindings: map(list(portBindingSchema)),
  RestartPolicy: restartPolicySchema,
  AutoRemove: flag,
  VolumeDriver: text,
  VolumesFrom: list(z.string()),
  ConsoleSize: consoleSize,
  Annotations: maybe(z.record(z.string(), text)),
  CapAdd: words,
  CapDrop: words,
  CgroupnsMode: text,
  Dns: list(z.string()),
  DnsOptions: list(z.string()),
  DnsSearch: list(z.string()),
  ExtraHosts: list(z.string()),
  GroupAdd: list(z.string()),
  IpcMode: text,
  Cgroup: text,
  Links: list(z.string()),
  OomScoreAdj: whole,
  PidMode: text,
  Privileged: flag,
  PublishAllPorts: flag,
  ReadonlyRootfs: flag,
  SecurityOpt: list(z.string()),
  StorageOpt: maybe(z.record(z.string(), text)),
  Tmpfs: maybe(z.record(z.string(), text)),
  UTSMode: text,
  UsernsMode: text,
  ShmSize: whole,
  Sysctls: maybe(z.record(z.string(), text)),
  Runtime: text,
  Isolation: text,
  ...resourceFields,
  Mounts: maybe(z.array(mountSchema)),
  MaskedPaths: list(z.string()),
  ReadonlyPaths: list(z.string()),
  Init: maybe(z.boolean()),
});
export type HostConfig = z.output<typeof hostConfigSchema>;

export const emptyHostConfig = (): HostConfig => hostConfigSchema.parse({});
