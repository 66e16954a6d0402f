// Whose namespaces a container uses: `host`, `private`, `container:NAME`.
//
// - `verifyNetworkMode(config, hostConfig)`: what does not go together with the network
// - `verifyModes(hostConfig)`: throws INVALID with Docker's words
// - `sharedWith(mode)`: the reference behind `container:`
//
// Source: runconfig/hostconfig.go and hostconfig_unix.go of moby.

import { invalid } from '../../../engine/refusal.ts';
import type { Config } from '../record/config.ts';
import type { HostConfig } from '../record/host-config.ts';

/** The reference in `container:reference`; undefined for any other mode. */
export function sharedWith(mode: string): string | undefined {
  return mode.startsWith('container:') ? mode.slice('container:'.length) : undefined;
}

const undefinedBehavior = 'This would result in undefined behavior';

export function verifyNetworkMode(config: Config, hostConfig: HostConfig): void {
  const { NetworkMode: mode, UTSMode } = hostConfig;
  const hasLinks = (hostConfig.Links?.length ?? 0) > 0;
  if (mode === 'container' || sharedWith(mode) === '') {
    throw invalid('Invalid network mode: invalid container format container:<name|id>');
  }
  if (sharedWith(mode) !== undefined) refuseOwn(config, hostConfig);
  if (UTSMode === 'host' && config.Hostname !== '') {
    throw invalid('conflicting options: hostname and the UTS mode');
  }
  if (mode === 'host' && hasLinks) {
    const why = `host type networking can't be used with links. ${undefinedBehavior}`;
    throw invalid(`conflicting options: ${why}`);
  }
}

/** Whoever lives in another's network has no say in it. */
function refuseOwn(config: Config, hostConfig: HostConfig): void {
  const has = (list: object | null | undefined): boolean => Object.keys(list ?? {}).length > 0;
  const conflicts: readonly (readonly [boolean, string])[] = [
    [config.Hostname !== '', 'hostname and the network mode'],
    [
      has(hostConfig.Links),
      `container type network can't be used with links. ${undefinedBehavior}`,
    ],
    [has(hostConfig.Dns), 'dns and the network mode'],
    [has(hostConfig.ExtraHosts), 'custom host-to-IP mapping and the network mode'],
    [
      has(hostConfig.PortBindings) || hostConfig.PublishAllPorts,
      'port publishing and the container type network mode',
    ],
    [has(config.ExposedPorts), 'port exposing and the container type network mode'],
  ];
  const found = conflicts.find(([isThere]) => isThere);
  if (found !== undefined) throw invalid(`conflicting options: ${found[1]}`);
}

export function verifyModes(hostConfig: HostConfig): void {
  const { IpcMode, PidMode, UTSMode, ShmSize, OomScoreAdj } = hostConfig;
  const isShared = (mode: string): boolean => (sharedWith(mode) ?? '') !== '';
  if (!['', 'none', 'private', 'shareable', 'host'].includes(IpcMode) && !isShared(IpcMode)) {
    throw invalid(`invalid IPC mode: ${IpcMode}`);
  }
  if (!['', 'host'].includes(PidMode) && !isShared(PidMode)) {
    throw invalid(`invalid PID mode: ${PidMode}`);
  }
  if (ShmSize < 0) throw invalid('SHM size can not be less than 0');
  if (!['', 'host'].includes(UTSMode)) throw invalid(`invalid UTS mode: ${UTSMode}`);
  if (OomScoreAdj < -1000 || OomScoreAdj > 1000) {
    throw invalid(`Invalid value ${OomScoreAdj}, range for oom score adj is [-1000, 1000]`);
  }
}
