import { expect, test } from 'vitest';
import { configSchema } from '../record/config.ts';
import { hostConfigSchema } from '../record/host-config.ts';
import type { Host } from './host.ts';
import { verify } from './verify.ts';

const host: Host = { cpuCount: 2, cpus: '0-1', memoryNodes: '0', can: () => false };

const judge = (hostConfig: object, config: object = {}) =>
  verify(configSchema.parse(config), hostConfigSchema.parse(hostConfig), host);

test.each([
  [{ NetworkMode: 'container:' }, 'invalid container format container:<name|id>'],
  [{ NetworkMode: 'container:x', PublishAllPorts: true }, 'port publishing and the container type'],
  [{ Isolation: 'process' }, `Invalid isolation: "process" - linux only supports 'default'`],
  [{ CpuRealtimePeriod: 1000 }, 'Your kernel does not support CPU real-time scheduler'],
  [{ CpusetCpus: 'x' }, 'Invalid value x for cpuset cpus: invalid format: x'],
  [{ CpusetCpus: '7' }, 'Requested CPUs are not available - requested 7, available: 0-1'],
  [{ CapAdd: ['nope'] }, 'invalid CapAdd: unknown capability: "CAP_NOPE"'],
  [{ ExtraHosts: ['x:y'] }, 'invalid IP address in add-host: "y"'],
  [{ ExtraHosts: ['x'] }, 'bad format for add-host: "x"'],
  [{ Annotations: { '': 'x' } }, 'the empty string is not permitted as an annotation key'],
  [{ Tmpfs: { '/': '' } }, "invalid specification: destination can't be '/'"],
  [{ Mounts: [{ Type: 'bind', Target: '/x' }] }, 'field Source must not be empty'],
  [
    { PortBindings: { 'x/tcp': [] }, RestartPolicy: { Name: 'x' } },
    'invalid port specification: "x"',
  ],
])('%j is refused in the words of Docker', (hostConfig, why) => {
  expect(() => judge(hostConfig)).toThrow(why);
});

test('what the machine cannot limit is left out, with a warning', () => {
  const { hostConfig, warnings } = judge({ BlkioWeight: 5, CpuPercent: 10, OomKillDisable: true });
  expect(hostConfig).toMatchObject({ BlkioWeight: 0, CpuPercent: 0 });
  expect(warnings).toEqual([
    expect.stringContaining('OOM killer is disabled for the container, but no memory limit'),
    expect.stringContaining('Your kernel does not support Block I/O weight'),
    'linux does not support CPU percent. Percent discarded.',
  ]);
});

test('of two mistakes the one that Docker looks at first is answered', () => {
  expect(() => judge({ Memory: 1, CapAdd: ['x'] }, { WorkingDir: 'x' })).toThrow('working dir');
  expect(() => judge({ Memory: 1, CapAdd: ['x'] })).toThrow('invalid CapAdd');
  expect(() => judge({ Memory: 1, IpcMode: 'x' })).toThrow('Minimum memory limit allowed is 6MB');
});
