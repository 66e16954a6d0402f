// Which namespaces a container has of its own, and which it joins.
//
// - `specNamespaces(hostConfig, pidOf)`: those that do not belong to the network driver
//
// `container:ID` joins those of a container that runs, by `/proc/PID/ns/…`.

import type { SpecNamespace } from '../../../libcontainer/spec.ts';
import { sharedWith } from '../create/verify-modes.ts';
import type { HostConfig } from '../record/host-config.ts';

/** The process of a container that runs. @throws Refusal if it cannot be joined */
export type PidOf = (id: string, kind: 'pid' | 'ipc') => number;

export function specNamespaces(hostConfig: HostConfig, pidOf: PidOf): readonly SpecNamespace[] {
  const { PidMode, IpcMode, UTSMode, CgroupnsMode } = hostConfig;
  const namespaces: SpecNamespace[] = [{ type: 'mount' }];
  const add = (type: 'pid' | 'ipc', mode: string): void => {
    const other = sharedWith(mode);
    if (other !== undefined)
      namespaces.push({ type, path: `/proc/${pidOf(other, type)}/ns/${type}` });
    else if (mode !== 'host') namespaces.push({ type });
  };
  add('pid', PidMode);
  add('ipc', IpcMode);
  if (UTSMode !== 'host') namespaces.push({ type: 'uts' });
  if (CgroupnsMode !== 'host') namespaces.push({ type: 'cgroup' });
  return namespaces;
}
