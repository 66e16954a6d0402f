import { assert, integer, property } from 'fast-check';
import { expect, test } from 'vitest';
import { formatIp, parseIp, parseSubnet, type Ip } from './address.ts';
import { checkPool, checkWanted, choosePool, freeAddress, gatewayOf } from './pool.ts';

const subnet = parseSubnet('10.9.0.0/29');

function ip(text: string): Ip {
  const found = parseIp(text);
  if (found === undefined) throw new Error(text);
  return found;
}

test('a pool gives each address once, and neither the ends nor the gateway', () => {
  assert(
    property(integer({ min: 24, max: 29 }), prefix => {
      const pool = parseSubnet(`10.9.0.0/${prefix}`);
      const taken = new Map<bigint, string>();
      const room = 2 ** (32 - prefix) - 3;
      for (let count = 0; count < room; count += 1) {
        const { value } = freeAddress({ subnet: pool, taken });
        expect(taken.has(value)).toBe(false);
        expect(value).not.toBe(gatewayOf(pool).value);
        taken.set(value, 'somebody');
      }
      expect(() => freeAddress({ subnet: pool, taken })).toThrow('no address is left');
    }),
  );
});

test('an address that has become free is given again last', () => {
  const given: string[] = [];
  let last: bigint | undefined;
  for (let count = 0; count < 6; count += 1) {
    const one = freeAddress({ subnet, taken: new Map(), ...(last && { last }) });
    given.push(formatIp(one));
    last = one.value;
  }
  expect(given).toEqual([2, 3, 4, 5, 6, 2].map(end => `10.9.0.${end}`));
});

test('what is wrong with a wanted address is said by name', () => {
  const taken = new Map([[ip('10.9.0.3').value, 'web (process 7)']]);
  const wish = (text: string) => () => checkWanted({ subnet, taken }, ip(text));
  expect(wish('10.9.1.2')).toThrow(
    '--ip 10.9.1.2 lies outside the subnet of this network, 10.9.0.0/29',
  );
  expect(wish('10.9.0.1')).toThrow('--ip 10.9.0.1 is the gateway of 10.9.0.0/29');
  expect(wish('10.9.0.7')).toThrow("--ip 10.9.0.7 is no container's");
  expect(wish('10.9.0.3')).toThrow('--ip 10.9.0.3 is taken by web (process 7)');
  expect(wish('10.9.0.4')).not.toThrow();
});

test('a pool that overlaps another one is refused, and named with its owner', () => {
  const inUse = [{ subnet: parseSubnet('10.0.0.0/8'), by: 'the route by eth0' }];
  expect(() => checkPool(subnet, inUse)).toThrow(
    '--subnet 10.9.0.0/29 overlaps 10.0.0.0/8 of the route by eth0',
  );
  expect(() => checkPool(parseSubnet('11.0.0.0/31'), [])).toThrow('has no room');
  expect(() => checkPool(subnet, [])).not.toThrow();
});

test('the first pool that overlaps nobody is taken', () => {
  const candidates = ['10.9.0.0/16', '10.10.0.0/16'].map(parseSubnet);
  const inUse = [{ subnet: parseSubnet('10.9.3.0/24'), by: 'blue' }];
  expect(choosePool(candidates, inUse)).toEqual(candidates[1]);
  expect(() => choosePool(candidates.slice(0, 1), inUse)).toThrow('--subnet');
});
