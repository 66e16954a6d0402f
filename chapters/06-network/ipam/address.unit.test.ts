import { assert, integer, ipV4, ipV6, oneof, property, tuple } from 'fast-check';
import { expect, test } from 'vitest';
import {
  bytesOf,
  contains,
  formatIp,
  formatSubnet,
  ipOf,
  nth,
  overlap,
  parseIp,
  parseSubnet,
  sizeOf,
} from './address.ts';

test('an address of either version survives being written and read', () => {
  assert(
    property(oneof(ipV4(), ipV6()), text => {
      const ip = parseIp(text);
      if (ip === undefined) throw new Error(`${text} was not read`);
      expect(parseIp(formatIp(ip))).toEqual(ip);
      expect(ipOf(bytesOf(ip))).toEqual(ip);
    }),
  );
});

test.each([
  ['::', '::'],
  ['::1', '::1'],
  ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
  ['fe80:0:0:0:0:0:0:1', 'fe80::1'],
  ['::ffff:1.2.3.4', '::ffff:102:304'],
  ['1:0:2:3:4:5:6:7', '1:0:2:3:4:5:6:7'],
])('%s is written %s', (text, written) => {
  const ip = parseIp(text);
  expect(ip && formatIp(ip)).toBe(written);
});

test('what is no address is none', () => {
  expect(['', '1.2.3', '1.2.3.256', 'g::', 'localhost'].map(parseIp)).toEqual(
    Array.from({ length: 5 }, () => undefined),
  );
});

test('a subnet knows its size and what lies in it', () => {
  const subnet = parseSubnet('10.9.0.0/24');
  expect(sizeOf(subnet)).toBe(256n);
  expect(formatIp(nth(subnet, 255n))).toBe('10.9.0.255');
  const inside = ['10.9.0.0', '10.9.0.255', '10.9.1.0', '10.8.255.255', '::'].map(
    text => {
      const ip = parseIp(text);
      return ip !== undefined && contains(subnet, ip);
    },
  );
  expect(inside).toEqual([true, true, false, false, false]);
});

test('what is no subnet is refused by name', () => {
  expect(() => parseSubnet('10.9.0.0')).toThrow(
    '"10.9.0.0" is no subnet: write one as in 10.9.0.0/24',
  );
  expect(() => parseSubnet('10.9.0.7/24')).toThrow(
    '10.9.0.7/24 is an address in a subnet: the subnet is 10.9.0.0/24',
  );
  expect(() => parseSubnet('10.9.0.0/33')).toThrow('is no subnet');
});

test('two subnets overlap if and only if one holds the first address of the other', () => {
  const subnet = tuple(integer({ min: 0, max: 15 }), integer({ min: 24, max: 28 })).map(
    ([block, prefix]) => {
      const size = 2 ** (32 - prefix);
      return parseSubnet(`10.0.0.${block * 16 - ((block * 16) % size)}/${prefix}`);
    },
  );
  assert(
    property(subnet, subnet, (one, other) => {
      const first = (of: typeof one) => nth(of, 0n);
      expect(overlap(one, other)).toBe(
        contains(one, first(other)) || contains(other, first(one)),
      );
    }),
  );
  expect(overlap(parseSubnet('0.0.0.0/0'), parseSubnet('::/0'))).toBe(false);
  expect(formatSubnet(parseSubnet('fd00::/64'))).toBe('fd00::/64');
});
