import { assert, property, string } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkName, findId, inventName, newId, type KnownContainers } from './names.ts';
import { containerIdSchema, type ContainerId } from './record.ts';

const idOf = (start: string): ContainerId => containerIdSchema.parse(start.padEnd(64, '0'));

function knowing(entries: ReadonlyMap<ContainerId, string>): KnownContainers {
  return {
    has: id => [...entries.keys()].some(known => known === id),
    idOfName: name => [...entries].find(([, known]) => known === name)?.[0],
    ids: () => entries.keys(),
  };
}

const two = knowing(
  new Map([
    [idOf('abc1'), 'web'],
    [idOf('abc2'), 'abc'],
  ]),
);

describe('a reference', () => {
  test('finds by the whole id, by name with or without its slash, and by a beginning', () => {
    expect(findId(idOf('abc1'), two)).toBe(idOf('abc1'));
    expect(findId('web', two)).toBe(idOf('abc1'));
    expect(findId('/web', two)).toBe(idOf('abc1'));
    expect(findId('abc1', two)).toBe(idOf('abc1'));
  });

  test('that is a name is never read as the beginning of an id', () => {
    expect(findId('abc', two)).toBe(idOf('abc2'));
  });

  test('that fits two ids is refused', () => {
    expect(() => findId('ab', two)).toThrow('multiple IDs found with provided prefix: ab');
  });

  test('that fits nothing is not found', () => {
    expect(() => findId('nosuch', two)).toThrow('No such container: nosuch');
  });
});

describe('a name', () => {
  test('has at least two characters of the grammar', () => {
    for (const bad of ['a', '-x', '_x', 'x y', 'x/y', '', '/', 'ä1', 'x\n']) {
      expect(() => checkName(bad)).toThrow(`Invalid container name (${bad})`);
    }
    expect(checkName('/x.y_z-1')).toBe('x.y_z-1');
  });

  test('that passes never leaves its folder', () => {
    const refused = (error: unknown): string => {
      expect(error).toHaveProperty('code', 'INVALID');
      return 'refused';
    };
    const kept = (written: string): string => {
      try {
        return checkName(written);
      } catch (error) {
        return refused(error);
      }
    };
    assert(property(string(), written => !/\/|^\.|\0/.test(kept(written))));
  });

  test('that is invented is free, and a name', () => {
    const random = (bytes: number): Uint8Array => new Uint8Array(bytes).fill(7);
    const first = inventName(random, () => false);
    const second = inventName(random, name => name === first);
    expect(second).not.toBe(first);
    expect(checkName(second)).toBe(second);
  });
});

test('an id is 64 hexadecimal digits', () => {
  expect(newId(bytes => new Uint8Array(bytes).fill(255))).toBe('f'.repeat(64));
});
