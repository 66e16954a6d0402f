// What this engine has and can: the job `info`.
//
// - `infoJob`, `infoOf(settings, parts)`
// - `InfoPart`   what one part of the daemon knows of itself: merged over the rest
//
// Schedulers read it before they start anything: `DockerRootDir` must be a path of this host,
// `CgroupDriver` the kubelet's, `Runtimes` have the runtime that they name.

import { readdirSync, readFileSync } from 'node:fs';
import { arch, cpus, hostname, release, totalmem } from 'node:os';
import { jobType } from '../../engine/job.ts';
import { linuxControlGroups, thisMachine } from '../../libcontainer/groups.ts';
import { logDrivers } from '../containers/logs/options/settings.ts';
import type { Settings } from '../start/settings.ts';

export type Info = Readonly<Record<string, unknown>>;
export const infoJob = jobType<undefined, Info>('info');

export type InfoPart = () => Info | Promise<Info>;

export interface InfoFacts {
  readonly id: string;
  readonly version: string;
  readonly settings: Settings;
  readonly parts: readonly InfoPart[];
  readonly now: () => Date;
}

export async function infoOf({ id, version, settings, parts, now }: InfoFacts): Promise<Info> {
  const known = await Promise.all(parts.map(async part => part()));
  return Object.assign(
    { ID: id, Containers: 0, ContainersRunning: 0, ContainersPaused: 0, ContainersStopped: 0 },
    { Images: 0, Driver: '', DriverStatus: [] },
    host(),
    limits(),
    engine(version, settings),
    { SystemTime: now().toISOString() },
    ...known,
  );
}

function host(): Info {
  return {
    KernelVersion: release(),
    OperatingSystem: operatingSystem(),
    OSVersion: fieldOf('/etc/os-release', /^VERSION_ID="?([^"\n]*)/m) ?? '',
    OSType: 'linux',
    Architecture: arch() === 'x64' ? 'x86_64' : arch() === 'arm64' ? 'aarch64' : arch(),
    NCPU: cpus().length,
    MemTotal: totalmem(),
    Name: hostname(),
    HttpProxy: process.env['HTTP_PROXY'] ?? '',
    HttpsProxy: process.env['HTTPS_PROXY'] ?? '',
    NoProxy: process.env['NO_PROXY'] ?? '',
  };
}

function operatingSystem(): string {
  return fieldOf('/etc/os-release', /^PRETTY_NAME="?([^"\n]*)/m) ?? 'Linux';
}

function fieldOf(file: string, expression: RegExp): string | undefined {
  try {
    return expression.exec(readFileSync(file, 'utf8'))?.[1];
  } catch {
    return undefined;
  }
}

/** What this machine's control groups can limit, asked each time: one may be mounted later. */
function limits(): Info {
  const groups = linuxControlGroups();
  const { of } = groups.hierarchies;
  const forward = (file: string): boolean => fieldOf(`/proc/sys/net/${file}`, /^(\d)/) === '1';
  return {
    MemoryLimit: of.memory.world !== 'absent',
    SwapLimit: thisMachine(groups).countsSwap,
    CpuCfsPeriod: of.cpu.world !== 'absent',
    CpuCfsQuota: of.cpu.world !== 'absent',
    CPUShares: of.cpu.world !== 'absent',
    CPUSet: of.cpuset.world !== 'absent',
    PidsLimit: of.pids.world !== 'absent',
    // Version 2 has no such switch.
    OomKillDisable: of.memory.world === 'v1',
    IPv4Forwarding: forward('ipv4/ip_forward'),
    BridgeNfIptables: forward('bridge/bridge-nf-call-iptables'),
    BridgeNfIp6tables: forward('bridge/bridge-nf-call-ip6tables'),
    CgroupDriver: 'cgroupfs',
    CgroupVersion: of.memory.world === 'v2' ? '2' : '1',
  };
}

function engine(version: string, settings: Settings): Info {
  return {
    ServerVersion: version,
    DockerRootDir: settings['data-root'],
    LoggingDriver: settings['log-driver'],
    Plugins: {
      Volume: ['local'],
      Network: ['bridge', 'host', 'none'],
      Authorization: null,
      Log: logDrivers,
    },
    Debug: settings.debug,
    // What comes next to Go's routines: what the event loop waits for.
    NFd: readdirSync('/proc/self/fd').length,
    NGoroutines: process.getActiveResourcesInfo().length,
    NEventsListener: 0,
    IndexServerAddress: 'https://index.docker.io/v1/',
    RegistryConfig: registries(settings),
    Labels: settings.labels,
    ExperimentalBuild: settings.experimental,
    GenericResources: null,
    // `runc` is what schedulers ask for by name; what answers to it is our own execution driver.
    Runtimes: { runc: { path: 'slipway-init' }, native: { path: 'slipway-init' } },
    DefaultRuntime: 'runc',
    InitBinary: 'slipway-init',
    ContainerdCommit: { ID: '' },
    RuncCommit: { ID: '' },
    InitCommit: { ID: '' },
    Swarm: swarm,
    LiveRestoreEnabled: settings['live-restore'],
    Isolation: '',
    SecurityOptions: securityOptions(settings),
    ProductLicense: '',
    CDISpecDirs: [],
    Warnings: null,
  };
}

function securityOptions(settings: Settings): readonly string[] {
  const profile = `name=seccomp,profile=${settings['seccomp-profile']}`;
  return settings['no-new-privileges'] ? [profile, 'name=no-new-privileges'] : [profile];
}

const swarm = {
  NodeID: '',
  NodeAddr: '',
  LocalNodeState: 'inactive',
  ControlAvailable: false,
  Error: '',
  RemoteManagers: null,
};

function registries(settings: Settings): Info {
  const names = settings['insecure-registries'].filter(one => !one.includes('/'));
  const networks = settings['insecure-registries'].filter(one => one.includes('/'));
  const entries = names.map(name => [
    name,
    { Name: name, Mirrors: [], Secure: false, Official: false },
  ]);
  const mirrors = settings['registry-mirrors'].map(mirror => mirror.replace(/\/?$/, '/'));
  const official = { Name: 'docker.io', Mirrors: mirrors, Secure: true, Official: true };
  return {
    InsecureRegistryCIDRs: [...networks, '127.0.0.0/8'],
    IndexConfigs: { 'docker.io': official, ...Object.fromEntries(entries) },
    Mirrors: mirrors,
  };
}
