import { expect, test } from 'vitest';
import { readNetworkOptions, type NetworkFlags } from './network-options.ts';

test('a published port says which network it is', () => {
  expect(readNetworkOptions({})).toBeUndefined();
  expect(readNetworkOptions({ publish: ['8080:80'] })).toMatchObject({
    mode: 'bridge',
    network: 'bridge',
    ports: [{ hostPort: 8080, containerPort: 80 }],
  });
  expect(readNetworkOptions({ network: 'container:7' })).toEqual({
    mode: 'container',
    pid: 7,
  });
});

const wrong: readonly (readonly [NetworkFlags, string])[] = [
  [{ network: 'none', publish: ['80'] }, '--publish with --network none'],
  [{ network: 'host', macAddress: '02:42:00:00:00:01' }, '--mac-address with'],
  [{ network: 'container:x' }, '--network container:x: give the pid'],
  [{ network: 'a/b' }, '"a/b" is no name'],
  [{ network: 'blue', subnet: 'fd00::/64' }, 'give an IPv4 one'],
  [{ ip: 'fd00::2' }, '--ip fd00::2 is no IPv4 address'],
  [{ macAddress: '01:00:5e:00:00:01' }, 'is the address of a group'],
  [{ macAddress: '02:42' }, '"02:42" is no MAC address'],
  [{ dns: ['example.org'] }, '--dns example.org is no address of a name server'],
  [{ addHost: ['db'] }, '--add-host db: write name:address'],
];

test.each(wrong)('%j is refused by name', (flags, why) => {
  expect(() => readNetworkOptions(flags)).toThrow(why);
});
