// Whose namespaces a container uses: `host`, `private`, `container:NAME`.
//
// - `verifyModes(config, hostConfig)`: throws INVALID with Docker's words
// - `sharedWith(mode)`: the reference behind `container:`
//
// What goes together with which network is for the networks to say.

import { invalid } from '../../../engine/refusal.ts';
import type { Config } from '../record/config.ts';
import type { HostConfig } from '../record/host-config.ts';

export function verifyModes(config: Config, hostConfig: HostConfig): void {
  verifyNames(hostConfig);
  const { UTSMode } = hostConfig;
  if (UTSMode === 'host' && config.Hostname !== '') {
    throw invalid('conflicting options: hostname and the UTS mode');
  }
}

/** The reference in `container:reference`; undefined for any other mode. */
export function sharedWith(mode: string): string | undefined {
  return mode.startsWith('container:') ? mode.slice('container:'.length) : undefined;
}

function verifyNames(hostConfig: HostConfig): void {
  const { IpcMode, PidMode, UTSMode, UsernsMode, CgroupnsMode, NetworkMode } = hostConfig;
  const isShared = (mode: string): boolean => (sharedWith(mode) ?? '') !== '';
  if (!['', 'none', 'private', 'shareable', 'host'].includes(IpcMode) && !isShared(IpcMode)) {
    throw invalid(`invalid IPC mode: ${IpcMode}`);
  }
  if (!['', 'host'].includes(PidMode) && !isShared(PidMode)) {
    throw invalid(`invalid PID mode: ${PidMode}`);
  }
  if (!['', 'host'].includes(UTSMode)) throw invalid(`invalid UTS mode: ${UTSMode}`);
  if (!['', 'host'].includes(UsernsMode)) throw invalid(`invalid userns mode: ${UsernsMode}`);
  if (!['', 'host', 'private'].includes(CgroupnsMode)) {
    throw invalid(`invalid cgroup namespace mode: ${CgroupnsMode}`);
  }
  if (sharedWith(NetworkMode) === '') {
    throw invalid('invalid container format container:<name|id>');
  }
}
