import { expect, test } from 'vitest';
import { formatMaps, parseIdMap, rootAs } from './id-map.ts';

test('a map reads and writes as inside, outside, count', () => {
  expect(formatMaps([parseIdMap('0:1000:1'), parseIdMap('1:100000:65535')])).toBe(
    '0 1000 1\n1 100000 65535\n',
  );
});

test.each([
  ['', 'is not INSIDE:OUTSIDE:COUNT'],
  ['0:1000', 'is not INSIDE:OUTSIDE:COUNT'],
  ['0:-1:1', 'is not INSIDE:OUTSIDE:COUNT'],
  ['0:1000:0', 'leaves the range of ids'],
  ['4294967294:0:2', 'leaves the range of ids'],
  ['0:4294967294:2', 'leaves the range of ids'],
])('the map %j is refused: %s', (text, reason) => {
  expect(() => parseIdMap(text)).toThrow(reason);
});

test('only root may leave setgroups allowed', () => {
  expect(rootAs({ uid: 0, gid: 0 }).setgroups).toBe('allow');
  expect(rootAs({ uid: 1000, gid: 1000 }).setgroups).toBe('deny');
});
