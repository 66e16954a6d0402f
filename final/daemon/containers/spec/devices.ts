// Devices: which a container may use, and which of the host's are made inside.
//
// - `deviceRules(hostConfig)`: for its control group
// - `specDevices(hostConfig)`: nodes to be made, besides those that every container has
// - `majorOf`, `minorOf`: of a device number
//
// Sources: makedev(3); Documentation/admin-guide/devices.txt.

import { readdirSync, statSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import type { DeviceAccess } from '../../../libcontainer/spec/resources.ts';
import type { SpecDevice } from '../../../libcontainer/spec.ts';
import { invalid } from '../../../engine/refusal.ts';
import type { HostConfig } from '../record/host-config.ts';

export const majorOf = (device: number): number =>
  Number(((BigInt(device) >> 8n) & 0xfffn) | ((BigInt(device) >> 32n) & ~0xfffn));
export const minorOf = (device: number): number =>
  Number((BigInt(device) & 0xffn) | ((BigInt(device) >> 12n) & ~0xffn));

const node = (type: 'c' | 'b', major: number, minor: number, access = 'rwm'): DeviceAccess => ({
  ...{ allow: true, type, major, minor, access },
});

/** null zero full random urandom tty console ptmx pts, and mknod of anything. */
const everybodys: readonly DeviceAccess[] = [
  { allow: false, access: 'rwm' },
  { allow: true, type: 'c', access: 'm' },
  { allow: true, type: 'b', access: 'm' },
  ...[3, 5, 7, 8, 9].map(minor => node('c', 1, minor)),
  ...[0, 1, 2].map(minor => node('c', 5, minor)),
  { allow: true, type: 'c', major: 136, access: 'rwm' },
];

export function deviceRules(hostConfig: HostConfig): readonly DeviceAccess[] {
  if (hostConfig.Privileged) return [{ allow: true, access: 'rwm' }];
  const mapped = mappings(hostConfig).map(({ type, major, minor, access }) =>
    node(type, major, minor, access),
  );
  return [...everybodys, ...mapped, ...(hostConfig.DeviceCgroupRules ?? []).map(parseRule)];
}

/** `c 1:3 mr`. @throws INVALID */
function parseRule(written: string): DeviceAccess {
  const match = /^([acb]) ([0-9]+|\*):([0-9]+|\*) ([rwm]{1,3})$/.exec(written);
  if (match === null) throw invalid(`invalid device cgroup rule format: '${written}'`);
  const [, type = 'a', major = '*', minor = '*', access = 'rwm'] = match;
  return {
    allow: true,
    type: type === 'b' || type === 'c' ? type : 'a',
    ...(major !== '*' && { major: Number(major) }),
    ...(minor !== '*' && { minor: Number(minor) }),
    access,
  };
}

/** @throws INVALID for devices that a driver would have to choose: there is no driver */
export function specDevices(hostConfig: HostConfig): readonly SpecDevice[] {
  const [request] = hostConfig.DeviceRequests ?? [];
  if (request !== undefined) {
    const capabilities = (request.Capabilities ?? []).map(all => `[${all.join(' ')}]`).join(' ');
    const asked = `"${request.Driver}" with capabilities: [${capabilities}]`;
    throw invalid(`could not select device driver ${asked}`);
  }
  const hosts = hostConfig.Privileged ? hostDevices('/dev') : [];
  const taken = new Set(hosts.map(({ path }) => path));
  const devices = [...hosts, ...mappings(hostConfig).filter(({ path }) => !taken.has(path))];
  return devices.map(({ type, path, major, minor, status }) => ({
    ...{ type, path, major, minor, fileMode: status.mode & 0o7777 },
    ...{ uid: status.uid, gid: status.gid },
  }));
}

interface Mapping {
  readonly path: string;
  readonly type: 'c' | 'b';
  readonly major: number;
  readonly minor: number;
  readonly access: string;
  readonly status: Stats;
}

function mappings({ Devices }: HostConfig): readonly Mapping[] {
  return (Devices ?? []).flatMap(({ PathOnHost, PathInContainer, CgroupPermissions }) => {
    const access = CgroupPermissions || 'rwm';
    const path = PathInContainer || PathOnHost;
    const trouble = 'error gathering device information while adding custom device';
    const gathering = `${trouble} "${PathOnHost}"`;
    const { status, found } = lookAt(PathOnHost, gathering);
    if (status === undefined) throw invalid(`${gathering}: no such file or directory`);
    if (found.length > 0) {
      return found.map(one => ({
        ...one,
        access,
        path: join(path, one.path.slice(PathOnHost.length)),
      }));
    }
    if (!isDevice(status)) throw invalid(`${gathering}: not a device node`);
    return [mapping(path, status, access)];
  });
}

/** What the caller has named, which may be anything. @throws INVALID */
function lookAt(path: string, gathering: string) {
  try {
    const status = statSync(path, { throwIfNoEntry: false });
    return { status, found: status?.isDirectory() ? hostDevices(path) : [] };
  } catch (cause) {
    throw invalid(`${gathering}: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
  }
}

function mapping(path: string, status: Stats, access: string): Mapping {
  const type = status.isBlockDevice() ? 'b' : 'c';
  const [major, minor] = [majorOf(status.rdev), minorOf(status.rdev)];
  return { path, type, major, minor, access, status };
}

/** What a container has by itself, or must not have of the host's. */
const ownNames = new Set(['pts', 'shm', 'fd', 'mqueue', 'console', '.lxc', '.lxd-mounts', 'ptmx']);

/** No folder of devices has as many; a whole file system would hold up everybody. */
const mostEntries = 10_000;

function hostDevices(folder: string, budget = { left: mostEntries }): readonly Mapping[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap(entry => {
    const path = join(folder, entry.name);
    budget.left -= 1;
    if (budget.left < 0) throw invalid(`more than ${mostEntries} files`);
    if (ownNames.has(entry.name)) return [];
    if (entry.isDirectory()) return hostDevices(path, budget);
    const status = statSync(path, { throwIfNoEntry: false });
    if (status === undefined || entry.isSymbolicLink() || !isDevice(status)) return [];
    return [mapping(path, status, 'rwm')];
  });
}

function isDevice(status: Stats): boolean {
  return status.isBlockDevice() || status.isCharacterDevice();
}
