// A container's record becomes an OCI runtime configuration: what libcontainer takes.
//
// - `makeSpec(record, context)`: the whole
// - `makeProcess(record, asked, accounts)`: of an exec, too
//
// Everything that Docker calls by its own names is translated here and in this folder, once.

import { posix } from 'node:path';
import { seccompOf, type SeccompProfiles } from './seccomp.ts';
import type { RuntimeSpec, SpecProcess } from '../../../libcontainer/spec.ts';
import { securityOf } from '../create/verify-security.ts';
import type { HostConfig } from '../record/host-config.ts';
import type { ContainerRecord } from '../record/record.ts';
import type { Accounts } from './accounts.ts';
import { capabilitiesOf, specCapabilities } from './capabilities.ts';
import { deviceRules, specDevices } from './devices.ts';
import { environmentOf } from './environment.ts';
import { specMounts } from './mounts.ts';
import { specNamespaces, type PidOf } from './namespaces.ts';
import { specResources } from './resources.ts';
import { resolveUser } from './user.ts';

export interface SpecContext {
  readonly accounts: Accounts;
  /** The process of another container that runs. */
  readonly pidOf: PidOf;
  readonly cgroupParent: string;
  /** Variables that come before its own. */
  readonly linked?: readonly string[];
  /** Of its networks; what it sets itself comes after them. */
  readonly sysctls?: Readonly<Record<string, string>>;
  readonly seccompProfiles: SeccompProfiles;
}

export function makeSpec(record: ContainerRecord, context: SpecContext): RuntimeSpec {
  const { hostConfig, id } = record;
  const process = makeProcess(record, ownProcess(record, context.linked), context.accounts);
  const parent = hostConfig.CgroupParent || context.cgroupParent;
  const names = ownNames(record);
  return {
    ociVersion: '1.2.0',
    process,
    root: { path: 'rootfs', readonly: hostConfig.ReadonlyRootfs },
    ...names,
    mounts: specMounts(hostConfig),
    ...(hostConfig.Annotations && { annotations: hostConfig.Annotations }),
    linux: {
      namespaces: specNamespaces(hostConfig, context.pidOf),
      devices: specDevices(hostConfig),
      cgroupsPath: posix.join('/', parent, id),
      resources: specResources(hostConfig, deviceRules(hostConfig)),
      ...seccompOf(hostConfig, process.capabilities?.bounding ?? [], context.seccompProfiles),
      sysctl: { ...usualSysctls(hostConfig), ...context.sysctls, ...hostConfig.Sysctls },
      maskedPaths: hostConfig.MaskedPaths ?? [],
      readonlyPaths: hostConfig.ReadonlyPaths ?? [],
      ...propagationOf(record),
    },
  };
}

/** In a network of its own nobody needs rights for a low port, or to ping. */
function usualSysctls({ NetworkMode }: HostConfig): Readonly<Record<string, string>> {
  if (NetworkMode === 'host' || NetworkMode.startsWith('container:')) return {};
  return {
    'net.ipv4.ping_group_range': '0 2147483647',
    'net.ipv4.ip_unprivileged_port_start': '0',
  };
}

/** Who shares the host's names sets none. */
function ownNames({ config, hostConfig }: ContainerRecord) {
  if (hostConfig.UTSMode === 'host') return {};
  return {
    ...(config.Hostname !== '' && { hostname: config.Hostname }),
    ...(config.Domainname !== '' && { domainname: config.Domainname }),
  };
}

/** A mount that tells the host of new ones needs a root that does not stop them. */
function propagationOf({ mounts }: ContainerRecord) {
  const spreads = new Set(mounts.map(({ propagation }) => propagation.replace(/^r/, '')));
  if (spreads.has('shared')) return { rootfsPropagation: 'shared' };
  return spreads.has('slave') ? { rootfsPropagation: 'slave' } : {};
}

/** What is asked of one process. */
export interface AskedProcess {
  readonly args: readonly string[];
  readonly env: readonly string[];
  readonly user: string;
  readonly workingDir: string;
  readonly hasTerminal: boolean;
  readonly isPrivileged: boolean;
}

function ownProcess(record: ContainerRecord, linked: readonly string[] = []): AskedProcess {
  const { config, hostConfig, path, args } = record;
  return {
    args: [path, ...args],
    env: [...linked, ...(config.Env ?? [])],
    user: config.User,
    workingDir: config.WorkingDir,
    hasTerminal: config.Tty,
    isPrivileged: hostConfig.Privileged,
  };
}

export function makeProcess(
  { config, hostConfig }: ContainerRecord,
  asked: AskedProcess,
  accounts: Accounts,
): SpecProcess {
  const user = resolveUser(asked.user, hostConfig.GroupAdd ?? [], accounts);
  const capabilities = capabilitiesOf({ ...hostConfig, Privileged: asked.isPrivileged });
  const security = securityOf(hostConfig);
  return {
    terminal: asked.hasTerminal,
    user: { uid: user.uid, gid: user.gid, additionalGids: user.additionalGids },
    args: asked.args,
    env: environmentOf({
      hostname: config.Hostname,
      hasTerminal: asked.hasTerminal,
      given: asked.env,
      home: user.home,
    }),
    cwd: asked.workingDir || '/',
    capabilities: specCapabilities(capabilities, user.uid),
    rlimits: (hostConfig.Ulimits ?? []).map(({ Name, Soft, Hard }) => ({
      type: `RLIMIT_${Name.toUpperCase()}`,
      soft: Soft,
      hard: Hard,
    })),
    noNewPrivileges: security.noNewPrivileges,
    ...(hostConfig.OomScoreAdj !== 0 && { oomScoreAdj: hostConfig.OomScoreAdj }),
    ...(security.apparmor !== undefined && { apparmorProfile: security.apparmor }),
  };
}
