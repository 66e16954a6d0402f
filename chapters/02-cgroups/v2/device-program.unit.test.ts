// The program is run on a small machine of its own, and held against what rules mean.

import {
  array,
  assert,
  boolean,
  constantFrom,
  option,
  property,
  record,
} from 'fast-check';
import { expect, test } from 'vitest';
import type { DeviceRule } from '../limits/limits.ts';
import { deviceProgram, explainDeviceProgram } from './device-program.ts';

interface Access {
  readonly type: 'b' | 'c';
  readonly major: number;
  readonly minor: number;
  readonly access: string;
}

const codes: Readonly<Record<string, number>> = { m: 1, r: 2, w: 4 };

/** Runs the instructions as the kernel would; it knows those that are used. */
function run(program: Uint8Array<ArrayBuffer>, asked: Access): number {
  const code = new DataView(program.buffer);
  const bits = asked.access
    .split('')
    .reduce((all, letter) => all | (codes[letter] ?? 0), 0);
  const context = [
    (bits << 16) | (asked.type === 'b' ? 1 : 2),
    asked.major,
    asked.minor,
  ];
  const r = Array.from({ length: 11 }, () => 0);
  for (let at = 0; at < program.length / 8; at++) {
    const to = code.getUint8(at * 8 + 1) & 0xf;
    const from = code.getUint8(at * 8 + 1) >> 4;
    const offset = code.getInt16(at * 8 + 2, true);
    const number = code.getInt32(at * 8 + 4, true);
    const value = r[to] ?? 0;
    switch (code.getUint8(at * 8)) {
      case 0x61: // r = *(u32 *)(r1 + offset)
        r[to] = context[offset / 4] ?? Number.NaN;
        break;
      case 0xbf:
        r[to] = r[from] ?? 0;
        break;
      case 0xb7:
        r[to] = number;
        break;
      case 0x54:
        r[to] = (value & number) >>> 0;
        break;
      case 0x74:
        r[to] = value >>> number;
        break;
      case 0x16:
        if (value === number >>> 0) at += offset;
        break;
      case 0x56:
        if (value !== number >>> 0) at += offset;
        break;
      case 0x46:
        if ((value & number) !== 0) at += offset;
        break;
      case 0x95:
        return r[0] ?? Number.NaN;
      default:
        throw new Error(`instruction ${at} is unknown`);
    }
    expect(offset).toBeGreaterThanOrEqual(0); // no way back: no loops
  }
  throw new Error('the program ran out of its end');
}

/** The instructions to which nothing leads; jumps lead forward, so one pass is enough. */
function unreached(program: Uint8Array<ArrayBuffer>): readonly number[] {
  const code = new DataView(program.buffer);
  const reached = new Set([0]);
  const all = Array.from({ length: program.length / 8 }, (_, at) => at);
  for (const at of all) {
    if (!reached.has(at)) continue;
    const operation = code.getUint8(at * 8);
    if (operation !== 0x95) reached.add(at + 1);
    const isJump = [0x16, 0x46, 0x56].includes(operation);
    if (isJump) reached.add(at + 1 + code.getInt16(at * 8 + 2, true));
  }
  return all.filter(at => !reached.has(at));
}

/** What the rules mean, said the slow way: for each letter the last rule that names it. */
function meant(rules: readonly DeviceRule[], asked: Access): boolean {
  const fits = (rule: DeviceRule, letter: string): boolean =>
    rule.type === 'a' ||
    (rule.type === asked.type &&
      (rule.major ?? asked.major) === asked.major &&
      (rule.minor ?? asked.minor) === asked.minor &&
      rule.access.includes(letter));
  return asked.access
    .split('')
    .every(letter => rules.findLast(rule => fits(rule, letter))?.allow ?? true);
}

const nothing: DeviceRule = { allow: false, type: 'a', access: 'rwm' };
const read15: DeviceRule = { allow: true, type: 'c', major: 1, minor: 5, access: 'r' };
const disks: DeviceRule = { allow: true, type: 'b', major: 8, access: 'rw' };

test.each([
  [[], 'c 1:5 rw', 1],
  [[nothing], 'c 1:5 r', 0],
  [[nothing, read15], 'c 1:5 r', 1],
  [[nothing, read15], 'c 1:5 w', 0],
  [[nothing, read15], 'c 1:5 rw', 0],
  [[nothing, read15], 'c 1:9 r', 0],
  [[nothing, read15], 'b 1:5 r', 0],
  [[nothing, disks], 'b 8:16 rw', 1],
  [[nothing, disks], 'b 8:16 m', 0],
  [[nothing, disks, { ...disks, allow: false, minor: 1 }], 'b 8:1 r', 0],
  [[nothing, disks, { ...disks, allow: false, minor: 1 }], 'b 8:2 r', 1],
  [[{ ...read15, allow: false }], 'c 1:5 r', 0],
  [[{ ...read15, allow: false }], 'c 1:5 w', 1],
  [[read15, nothing], 'c 1:5 r', 0],
  [[nothing, read15, { ...nothing, allow: true }], 'c 1:3 w', 1],
] as const)('%j asked for %s answers %d', (rules, asked, verdict) => {
  const [type, numbers = '', access = ''] = asked.split(' ');
  const [major = 0, minor = 0] = numbers.split(':').map(Number);
  const one = { type: type === 'b' ? 'b' : 'c', major, minor, access } as const;
  expect(run(deviceProgram(rules), one)).toBe(verdict);
});

test('whatever the rules, the program answers as they are meant', () => {
  const access = constantFrom('r', 'w', 'm', 'rw', 'wm', 'rm', 'rwm');
  const number = constantFrom(0, 1, 5, 4095);
  const rule = record({
    allow: boolean(),
    type: constantFrom('a', 'b', 'c', 'c'),
    major: option(number, { nil: undefined }),
    minor: option(number, { nil: undefined }),
    access,
  });
  const asked = record({
    type: constantFrom('b', 'c'),
    major: number,
    minor: number,
    access,
  });
  assert(
    property(array(rule, { maxLength: 8 }), asked, (rules, one) => {
      return run(deviceProgram(rules), one) === (meant(rules, one) ? 1 : 0);
    }),
    { numRuns: 2000 },
  );
});

test.each([
  [[]],
  [[nothing]],
  [[read15]],
  [[{ ...nothing, allow: true }]],
  [[nothing, read15, disks]],
])('%j: something leads to each instruction, or the verifier refuses it', rules => {
  expect(unreached(deviceProgram(rules))).toEqual([]);
});

test('a number that no device has is refused', () => {
  expect(() => deviceProgram([{ ...read15, major: 4096 }])).toThrow('0 to 4095');
  expect(() => deviceProgram([{ ...read15, minor: 2 ** 20 }])).toThrow('0 to 1048575');
});

test('the program is told in the order in which it asks', () => {
  expect(explainDeviceProgram([nothing, read15, disks])).toEqual([
    'b 8:*, for rw: yes',
    'c 1:5, for r: yes',
    'any device, for rwm: no',
  ]);
  expect(explainDeviceProgram([{ ...read15, allow: false }])).toEqual([
    'c 1:5, for r: no',
    'whatever else: yes',
  ]);
});
