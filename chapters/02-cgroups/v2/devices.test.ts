// Device rules of version 2 on this kernel. A hybrid machine, too, has a version 2
// hierarchy, and its groups take such a program.

import { check, type CheckContext } from '@slipway/lab/check.ts';
import { expect } from 'vitest';
import { createGroup } from '../group/control-groups.ts';
import { controlGroupsOn, type GroupRequest } from '../group/machine.ts';
import { root, startIn, unique } from '../group/groups-for-tests.ts';
import type { Group } from '../group/group.ts';
import { linuxHost } from '../hierarchies/host.ts';
import type { DeviceRule } from '../limits/limits.ts';
import { withUsualDevices } from '../container/usual-devices.ts';

/** This machine, as if nothing but version 2 were mounted on it. */
function version2Alone(): ReturnType<typeof controlGroupsOn> {
  const host = linuxHost();
  const isOther = (line: string): boolean => / - cgroup /.test(line);
  const read = (path: string): string => {
    const text = host.read(path);
    if (!path.endsWith('/mountinfo')) return text;
    return text
      .split('\n')
      .filter(line => !isOther(line))
      .join('\n');
  };
  return controlGroupsOn({ ...host, read });
}

function makeWith(devices: readonly DeviceRule[]): Promise<Group> {
  const request: GroupRequest = {
    name: unique(),
    controllers: ['devices'],
    limits: { devices },
  };
  return createGroup(version2Alone(), request);
}

function needsVersion2(context: CheckContext): void {
  if (version2Alone().hierarchies.of.devices.world !== 'absent') return;
  context.skip('NOT RUN: no hierarchy of version 2 is mounted here');
}

const nothing: DeviceRule = { allow: false, type: 'a', access: 'rwm' };
const zero: DeviceRule = { allow: true, type: 'c', major: 1, minor: 5, access: 'r' };

async function opens(
  group: Group,
  path: string,
  mode: 'r' | 'w' | 'rw',
): Promise<boolean> {
  const redirection = { r: '<', w: '>', rw: '<>' }[mode];
  await using tried = await startIn(group, `: ${redirection} ${path} && echo opened`);
  return (await tried.ended).output.includes('opened');
}

check('a rule for each access is kept by the kernel', root, async context => {
  needsVersion2(context);
  await using group = await makeWith([nothing, zero]);
  expect(await opens(group, '/dev/zero', 'r')).toBe(true);
  expect(await opens(group, '/dev/zero', 'w')).toBe(false);
  expect(await opens(group, '/dev/zero', 'rw')).toBe(false);
  expect(await opens(group, '/dev/urandom', 'r')).toBe(false);
});

check('a rule that allows everything is taken by the kernel', root, async context => {
  needsVersion2(context);
  await using group = await makeWith([{ ...nothing, allow: true }]);
  expect(await opens(group, '/dev/zero', 'r')).toBe(true);
});

check('rules of a group at work are changed at one stroke', root, async context => {
  needsVersion2(context);
  await using group = await makeWith([nothing]);
  expect(await opens(group, '/dev/zero', 'r')).toBe(false);
  group.set({ devices: [nothing, zero] });
  expect(await opens(group, '/dev/zero', 'r')).toBe(true);
  group.set({ devices: [{ ...zero, allow: false }] });
  expect(await opens(group, '/dev/zero', 'r')).toBe(false);
  expect(await opens(group, '/dev/urandom', 'r')).toBe(true);
});

check(
  'the harmless devices stay open, and a node can be made, not opened',
  root,
  async context => {
    needsVersion2(context);
    const { devices = [] } = withUsualDevices({ devices: [] });
    await using group = await makeWith(devices);
    for (const name of ['null', 'zero', 'full', 'random', 'urandom']) {
      expect(await opens(group, `/dev/${name}`, 'r')).toBe(true);
    }
    const folder = `/tmp/${unique()}`;
    const script = `mkdir ${folder}; cd ${folder}; mknod kmsg c 1 11 && echo made
    : < kmsg && echo opened; rm -r ${folder}`;
    await using maker = await startIn(group, script);
    const { output } = await maker.ended;
    expect(output).toContain('made');
    expect(output).toContain('not permitted');
    expect(output).not.toContain('opened');
  },
);
