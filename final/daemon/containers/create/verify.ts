// What of a create request cannot be: said before anything is made.
//
// - `verify(config, hostConfig, host)`: throws INVALID with the words of Docker; the rest, and
//   warnings
// - `verifyConfig(config)`, `verifyRestartPolicy(policy)`: parts of it
//
// Each rule is a function of its own, and they are asked in Docker's order, because a request with
// two mistakes is answered with the first.

import { isIP } from 'node:net';
import { isAbsolute } from 'node:path';
import { invalid } from '../../../engine/refusal.ts';
import { readMount } from '../../../volumes/points/mount.ts';
import { targetComplaint } from '../../../volumes/points/place.ts';
import type { Config } from '../record/config.ts';
import type { HostConfig } from '../record/host-config.ts';
import type { Host } from './host.ts';
import { parseSignal } from './signals.ts';
import { verifyModes, verifyNetworkMode } from './verify-modes.ts';
import { verifyPorts } from './verify-ports.ts';
import { verifyResources } from './verify-resources.ts';
import { verifyCapabilities } from './verify-security.ts';

export interface Verified {
  /** Without what this machine cannot do. */
  readonly hostConfig: HostConfig;
  readonly warnings: readonly string[];
}

export function verify(config: Config, hostConfig: HostConfig, host: Host): Verified {
  verifyNetworkMode(config, hostConfig);
  verifyIsolation(hostConfig);
  verifyRealtime(hostConfig, host);
  verifyConfig(config);
  verifyHostConfig(config, hostConfig);
  const { limits, warnings } = verifyResources(hostConfig, host);
  verifyModes(hostConfig);
  verifyRest(hostConfig);
  return { hostConfig: limits, warnings: [...warnings, ...discardedPorts(hostConfig)] };
}

function verifyIsolation({ Isolation, IOMaximumBandwidth, IOMaximumIOps }: HostConfig): void {
  if (!['', 'default'].includes(Isolation.toLowerCase())) {
    throw invalid(`Invalid isolation: "${Isolation}" - linux only supports 'default'`);
  }
  const unsupported = 'Invalid QoS settings: linux does not support configuration of maximum';
  if (IOMaximumBandwidth !== 0) throw invalid(`${unsupported} bandwidth`);
  if (IOMaximumIOps !== 0) throw invalid(`${unsupported} IOPs`);
}

function verifyRealtime(hostConfig: HostConfig, host: Host): void {
  const { CpuRealtimePeriod: period, CpuRealtimeRuntime: runtime } = hostConfig;
  if (period === 0 && runtime === 0) return;
  if (!host.can('cpu', 'cpu.rt_period_us')) {
    throw invalid('Your kernel does not support CPU real-time scheduler');
  }
  if (period !== 0 && runtime > period) {
    throw invalid('cpu real-time runtime cannot be higher than cpu real-time period');
  }
}

function verifyRest({ Runtime, Tmpfs, CgroupnsMode }: HostConfig): void {
  if (!['', 'runc', 'native', 'io.containerd.runc.v2', 'slipway'].includes(Runtime)) {
    throw invalid(`unknown or invalid runtime name: ${Runtime}`);
  }
  for (const target of Object.keys(Tmpfs ?? {})) {
    const complaint = targetComplaint(target);
    if (complaint !== undefined) throw invalid(complaint);
  }
  if (!['', 'host', 'private'].includes(CgroupnsMode)) {
    throw invalid(`invalid cgroup namespace mode: ${CgroupnsMode}`);
  }
}

function discardedPorts({ NetworkMode, PortBindings }: HostConfig): readonly string[] {
  const hasPorts = Object.keys(PortBindings ?? {}).length > 0;
  if (NetworkMode !== 'host' || !hasPorts) return [];
  return ['Published ports are discarded when using host network mode'];
}

/** Of a host and of a domain: sethostname(2). */
const longestName = 64;

/** Of the image's configuration, too. */
export function verifyConfig(config: Config): void {
  const { WorkingDir, Env, StopSignal, StopTimeout } = config;
  if (WorkingDir !== '' && !isAbsolute(WorkingDir)) {
    const rule = 'it needs to be an absolute path';
    throw invalid(`the working directory '${WorkingDir}' is invalid, ${rule}`);
  }
  for (const entry of Env ?? []) {
    if (entry === '' || entry.startsWith('=')) {
      throw invalid(`invalid environment variable: ${entry}`);
    }
  }
  if (StopSignal && parseSignal(StopSignal) === undefined) {
    throw invalid(`invalid signal: ${StopSignal}`);
  }
  if (Buffer.byteLength(config.Hostname) > longestName) {
    throw invalid('sethostname: invalid argument');
  }
  if (Buffer.byteLength(config.Domainname) > longestName) {
    throw invalid('setdomainname: invalid argument');
  }
  verifyHealthcheck(config);
  if (StopTimeout !== undefined && !Number.isSafeInteger(StopTimeout)) {
    throw invalid(`invalid stop timeout: ${StopTimeout}`);
  }
  const texts = [config.Hostname, config.Domainname, config.User, WorkingDir];
  const lists = [Env ?? [], config.Cmd ?? [], config.Entrypoint ?? []];
  if ([...texts, ...lists.flat()].some(text => text.includes('\0'))) {
    throw invalid('invalid configuration: a text holds a NUL byte');
  }
}

const leastNanoseconds = 1_000_000;

function verifyHealthcheck({ Healthcheck: check }: Config): void {
  if (check === undefined) return;
  const refuse = (field: string): Error =>
    invalid(`${field} in Healthcheck cannot be less than 1ms`);
  const isTooShort = (nanoseconds = 0): boolean =>
    nanoseconds !== 0 && nanoseconds < leastNanoseconds;
  if (isTooShort(check.Interval)) throw refuse('Interval');
  if (isTooShort(check.Timeout)) throw refuse('Timeout');
  if ((check.Retries ?? 0) < 0) throw invalid('Retries in Healthcheck cannot be negative');
  if (isTooShort(check.StartPeriod)) throw refuse('StartPeriod');
  if (isTooShort(check.StartInterval)) throw refuse('StartInterval');
}

function verifyHostConfig(config: Config, hostConfig: HostConfig): void {
  const { RestartPolicy, AutoRemove, ExtraHosts, Annotations } = hostConfig;
  if (AutoRemove && !['', 'no'].includes(RestartPolicy.Name)) {
    throw invalid("can't create 'AutoRemove' container with restart policy");
  }
  for (const wish of hostConfig.Mounts ?? []) readMount(wish);
  for (const extra of ExtraHosts ?? []) verifyExtraHost(extra);
  verifyPorts(config, hostConfig);
  const { Name, MaximumRetryCount } = RestartPolicy;
  verifyRestartPolicy({ Name: Name || 'no', MaximumRetryCount });
  verifyCapabilities(hostConfig);
  if (Object.hasOwn(Annotations ?? {}, '')) {
    const rule = 'the empty string is not permitted as an annotation key';
    throw invalid(`invalid Annotations: ${rule}`);
  }
}

function verifyExtraHost(extra: string): void {
  const [, name = '', address] = /^([^:]*):(.*)$/s.exec(extra) ?? [];
  if (name === '' || address === undefined) throw invalid(`bad format for add-host: "${extra}"`);
  if (address === 'host-gateway' || isIP(address.trim()) !== 0) return;
  throw invalid(`invalid IP address in add-host: "${address}"`);
}

/** @throws INVALID; an update asks the same */
export function verifyRestartPolicy(policy: HostConfig['RestartPolicy']): void {
  const { Name, MaximumRetryCount } = policy;
  // Older engines kept policies without a name, with any count.
  if (Name === '') return;
  if (!['no', 'always', 'on-failure', 'unless-stopped'].includes(Name)) {
    const known = "use one of 'no', 'always', 'on-failure', or 'unless-stopped'";
    throw invalid(`invalid restart policy: unknown policy '${Name}'; ${known}`);
  }
  if (MaximumRetryCount === 0) return;
  if (Name !== 'on-failure') {
    const rule = "maximum retry count can only be used with 'on-failure'";
    const also = MaximumRetryCount < 0 ? ' and cannot be negative' : '';
    throw invalid(`invalid restart policy: ${rule}${also}`);
  }
  if (MaximumRetryCount < 0) {
    throw invalid('invalid restart policy: maximum retry count cannot be negative');
  }
}
