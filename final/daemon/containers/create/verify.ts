// What of a create request cannot be: said before anything is made.
//
// - `verify(config, hostConfig, host)`: throws INVALID with the words of Docker; returns warnings
// - `Host`: what of this machine has to be known for it
//
// Each rule is a function of its own, and they are asked in Docker's order, because a request with
// two mistakes is answered with the first.

import { isAbsolute } from 'node:path';
import { invalid } from '../../../engine/refusal.ts';
import type { Config } from '../record/config.ts';
import type { HostConfig } from '../record/host-config.ts';
import { parseSignal } from './signals.ts';
import { verifyModes } from './verify-modes.ts';
import { verifyPorts } from './verify-ports.ts';
import { verifyResources, type Host } from './verify-resources.ts';
import { verifySecurity } from './verify-security.ts';

export type { Host };

export function verify(config: Config, hostConfig: HostConfig, host: Host): readonly string[] {
  verifyConfig(config);
  verifyHealthcheck(config);
  verifyHostConfig(hostConfig);
  verifyModes(config, hostConfig);
  verifyPorts(config, hostConfig);
  verifySecurity(hostConfig);
  return [...verifyResources(hostConfig, host), ...discardedPorts(hostConfig)];
}

function discardedPorts({ NetworkMode, PortBindings }: HostConfig): readonly string[] {
  const hasPorts = Object.keys(PortBindings ?? {}).length > 0;
  if (NetworkMode !== 'host' || !hasPorts) return [];
  return ['Published ports are discarded when using host network mode'];
}

/** Of a host and of a domain: sethostname(2). */
const longestName = 64;

function verifyConfig(config: Config): void {
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
  const times = {
    Interval: check.Interval,
    Timeout: check.Timeout,
    StartPeriod: check.StartPeriod,
    StartInterval: check.StartInterval,
  };
  for (const [field, nanoseconds = 0] of Object.entries(times)) {
    if (nanoseconds !== 0 && nanoseconds < leastNanoseconds) {
      throw invalid(`${field} in Healthcheck cannot be less than 1ms`);
    }
  }
  if ((check.Retries ?? 0) < 0) throw invalid('Retries in Healthcheck cannot be negative');
  const [kind, ...rest] = check.Test ?? [];
  if (kind === undefined || (kind === 'NONE' && rest.length === 0)) return;
  if (kind === 'CMD' && rest.length > 0) return;
  if (kind === 'CMD-SHELL' && rest.length === 1) return;
  throw invalid(`Unknown type of healthcheck command: ${kind}`);
}

function verifyHostConfig(hostConfig: HostConfig): void {
  const { RestartPolicy, AutoRemove, ExtraHosts } = hostConfig;
  verifyRestartPolicy(RestartPolicy);
  if (AutoRemove && !['', 'no'].includes(RestartPolicy.Name)) {
    throw invalid("can't create 'AutoRemove' container with restart policy");
  }
  for (const extra of ExtraHosts ?? []) {
    const [, name = '', address = ''] = /^([^:=]*)[:=](.*)$/.exec(extra) ?? [];
    if (name === '' || address === '') throw invalid(`bad format for add-host: "${extra}"`);
    if (/\s/.test(extra)) throw invalid(`invalid IP address in add-host: "${address}"`);
  }
  for (const [option, value] of Object.entries(hostConfig.StorageOpt ?? {})) {
    throw invalid(`--storage-opt ${option}=${value} is not supported by this storage driver`);
  }
  const { Runtime, Isolation } = hostConfig;
  if (!['', 'runc', 'slipway'].includes(Runtime)) {
    throw invalid(`unknown or invalid runtime name: ${Runtime}`);
  }
  if (!['', 'default'].includes(Isolation.toLowerCase())) {
    throw invalid(`invalid isolation '${Isolation}' on linux`);
  }
}

/** @throws INVALID; an update asks the same */
export function verifyRestartPolicy(policy: HostConfig['RestartPolicy']): void {
  const { Name, MaximumRetryCount } = policy;
  if (!['', 'no', 'always', 'on-failure', 'unless-stopped'].includes(Name)) {
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
