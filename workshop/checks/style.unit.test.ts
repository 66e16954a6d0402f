import { expect, test } from 'vitest';
import type { Check } from './check.ts';
import { planted } from './planted.ts';
import { headers, names, sizes } from './style.ts';

function found(check: Check, file: string, text: string): readonly string[] {
  using tree = planted({ [file]: text });
  return check.run(tree.root);
}

test('a file of more than 400 lines is found', () => {
  const text = 'void 0;\n'.repeat(401);
  expect(found(sizes, 'final/a.ts', text)).toEqual([
    'final/a.ts has 401 lines: at most 400',
    'half of all files have 401 lines or more: wanted 100',
  ]);
  expect(found(sizes, 'final/a.ts', 'void 0;\n'.repeat(100))).toEqual([]);
});

test('a line of more than 100 characters is found, in a chapter one of more than 88', () => {
  const line = `void '${'x'.repeat(84)}';\n`;
  expect(found(sizes, 'final/a.ts', line)).toEqual([]);
  expect(found(sizes, 'chapters/01-a/a.ts', line)).toEqual([
    'chapters/01-a/a.ts:1 has 92 characters: at most 88',
  ]);
  expect(found(sizes, 'final/a.rs', `// ${'x'.repeat(98)}\n`)).toEqual([
    'final/a.rs:1 has 101 characters: at most 100',
  ]);
});

test('an address, a drawn table, a snapshot and an exercise may be wider', () => {
  const table = `//! | init says | ${'it carries '.repeat(10)} |\n`;
  expect(found(sizes, 'native/wire.rs', table)).toEqual([]);
  expect(found(sizes, 'native/a.ts', `// https://${'x'.repeat(100)}\n`)).toEqual([]);
  const wide = `void '${'x'.repeat(110)}';\n`;
  expect(found(sizes, 'native/a.test.ts', wide)).toEqual([]);
  expect(found(sizes, 'chapters/01-a/exercise/a.ts', wide)).toEqual([]);
  expect(found(sizes, 'native/a.ts', `void '|${'x'.repeat(110)}|';\n`)).toHaveLength(1);
});

test('a file that does not say what it is is found', () => {
  expect(found(headers, 'final/a.ts', 'export const a = 1;\n')).toEqual([
    'final/a.ts does not say what it is',
  ]);
  const longer = `// The door.\n${'void 0;\n'.repeat(60)}`;
  expect(found(headers, 'final/a.ts', longer)).toEqual(['final/a.ts does not say what it is']);
  expect(found(headers, 'final/a.ts', '// The door.\nvoid 0;\n')).toEqual([]);
  const said = '#!/usr/bin/env node\n/**\n * The door.\n */\nexport const a = 1;\n';
  expect(found(headers, 'final/a.ts', said)).toEqual([]);
  expect(found(headers, 'final/a.rs', '//! The door.\n//!\n//! One.\n')).toEqual([]);
});

test('a name that names nothing, and one that is not kebab-case, are found', () => {
  expect(found(names, 'final/utils/a.ts', '')).toEqual(['final/utils/a.ts: "utils" names nothing']);
  expect(found(names, 'final/helpers.test.ts', '')).toEqual([
    'final/helpers.test.ts: "helpers" names nothing',
  ]);
  expect(found(names, 'final/portMap.ts', '')).toEqual(['final/portMap.ts: not kebab-case']);
  expect(found(names, 'final/port-map.unit.test.ts', '')).toEqual([]);
});
