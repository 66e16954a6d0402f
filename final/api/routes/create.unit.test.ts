import { expect, test } from 'vitest';
import { createBody, createRequest } from './create.ts';

const ask = (body: object, minor = 45) =>
  createRequest({ name: 'x' }, createBody.parse({ Image: 'box', ...body }), minor);

test('an empty object is no container', () => {
  expect(() => createBody.parse({})).toThrow('config cannot be empty');
  expect(() => createBody.parse({ HostConfig: {} })).toThrow('config cannot be empty');
});

test('limits may stand outside of HostConfig, as they once did', () => {
  expect(ask({ Memory: 7, HostConfig: { Memory: 0 } }).hostConfig.Memory).toBe(7);
  expect(ask({ Memory: 7, HostConfig: { Memory: 8 } }).hostConfig.Memory).toBe(8);
  expect(ask({ Binds: ['/a:/b'] }).hostConfig.Binds).toEqual(['/a:/b']);
  expect(ask({ Cpuset: '0' }).hostConfig.CpusetCpus).toBe('0');
});

test('older clients mean the defaults of their time', () => {
  const at = (minor: number) => ask({ HostConfig: { AutoRemove: true } }, minor).hostConfig;
  expect(at(24)).toMatchObject({ AutoRemove: false, IpcMode: 'shareable', CgroupnsMode: 'host' });
  expect(at(40)).toMatchObject({ AutoRemove: true, IpcMode: '', CgroupnsMode: 'host' });
  expect(at(41)).toMatchObject({ IpcMode: '', CgroupnsMode: '' });
});

test('what a version does not have is left out, or refused where that would change the meaning', () => {
  const subpath = {
    Mounts: [{ Type: 'volume', Source: 'v', Target: '/x', VolumeOptions: { Subpath: 'y' } }],
  };
  expect(() => ask({ HostConfig: subpath }, 44)).toThrow(
    'VolumeOptions.Subpath needs API v1.45 or newer',
  );
  const two = { NetworkingConfig: { EndpointsConfig: { a: {}, b: {} } } };
  expect(() => ask(two, 43)).toThrow('Container cannot be created with multiple network endpoints');
  expect(ask({ HostConfig: { Annotations: { a: 'b' } } }, 42).hostConfig.Annotations).toBe(
    undefined,
  );
});

test('a hardware address of the container becomes one of its main network', () => {
  const mac = { MacAddress: '02:42:ac:11:00:09' };
  for (const minor of [43, 45]) {
    expect(ask(mac, minor).networking.EndpointsConfig['default']?.MacAddress).toBe(mac.MacAddress);
  }
  expect(ask(mac, 43).warnings).toEqual([]);
  expect(ask(mac).warnings[0]).toContain('container-wide MacAddress field is now deprecated');
  expect(() => ask({ ...mac, HostConfig: { NetworkMode: 'host' } }, 43)).toThrow(
    'conflicting options: mac-address and the network mode',
  );
});
