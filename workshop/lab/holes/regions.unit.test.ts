import { join } from 'node:path';
import { expect, test } from 'vitest';
import { extractRegion, readMarkers } from './regions.ts';
import { written } from '../check/written.ts';

const source = `const before = 1;
// #region whole
function sum(a: number, b: number): number {
  // #region body

  return a + b;
    // deeper
  // #endregion
}
// #endregion
function hard(): number {
  // #hole first: What is
  // asked of you?
  return before;
  // #instead
  // // a comment of the exercise
  // if (before) {
  //   return 2;
  // }
  // #endhole
  // #hole second: And this?
  return before;
  // #instead
  // #endhole
}
`;

function read(...lines: readonly string[]): string {
  try {
    readMarkers('a.ts', lines.join('\n'));
    return 'no error';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

test('a region is dedented and shows no marker, not even those of regions in it', () => {
  using place = written({ 'a.ts': source });
  const file = join(place.folder, 'a.ts');
  expect(extractRegion(file, 'body')).toBe('\nreturn a + b;\n  // deeper');
  expect(extractRegion(file, 'whole')).toBe(
    'function sum(a: number, b: number): number {\n\n  return a + b;\n    // deeper\n}',
  );
});

test('a hole has what is asked, its solution, and the code of the exercise', () => {
  expect(readMarkers('a.ts', source).holes).toEqual([
    {
      name: 'first',
      first: 12,
      last: 20,
      ask: 'What is asked of you?',
      indent: '  ',
      solution: ['  return before;'],
      instead: ['  // a comment of the exercise', '  if (before) {', '    return 2;', '  }'],
    },
    {
      name: 'second',
      first: 21,
      last: 24,
      ask: 'And this?',
      indent: '  ',
      solution: ['  return before;'],
      instead: [],
    },
  ]);
});

test('a region that is not there is named with those that are', () => {
  using place = written({ 'a.ts': source });
  const file = join(place.folder, 'a.ts');
  expect(() => extractRegion(file, 'gone')).toThrow(
    `${file} has no region gone: it has body, whole`,
  );
});

test('neither a hole nor a region with a hole in it is ever shown', () => {
  const around =
    '// #region all\n// #hole sum: Add.\nsum();\n// #instead\n// #endhole\n// #endregion';
  using place = written({ 'a.ts': around });
  const file = join(place.folder, 'a.ts');
  expect(() => extractRegion(file, 'sum')).toThrow('sum is a hole: prose never shows a solution');
  expect(() => extractRegion(file, 'all')).toThrow(
    `${file}:2: the region all would show the hole sum`,
  );
});

const hole = ['// #hole sum: Add.', 'sum();', '// #instead', '// #endhole'];

test.for([
  ['a region that is not closed', ['', '// #region a'], 'a.ts:2: the region a is never closed'],
  ['a hole that is not closed', hole.slice(0, 3), 'a.ts:1: the hole sum is never closed'],
  ['an end of nothing', ['// #endregion'], 'a.ts:1: #endregion closes nothing'],
  [
    'a region that ends inside a hole',
    ['// #region a', ...hole.slice(0, 3), '// #endregion'],
    'a.ts:5: #endregion comes before the end of the hole sum of line 2',
  ],
  [
    'a hole that is closed behind a region in it',
    [hole[0], '// #region a'],
    'a.ts:2: region a begins inside the hole sum: close it',
  ],
  [
    'a hole in a hole',
    [hole[0], '// #hole other: Add.'],
    'a.ts:2: hole other begins inside the hole sum: close it',
  ],
  ['a name twice', [...hole, ...hole], 'a.ts:5: the name sum is taken on line 1: choose another'],
  [
    'a hole without a text',
    ['// #hole sum'],
    'a.ts:1: #hole sum: write // #hole lower-case-name: text',
  ],
  [
    'a region with two words',
    ['// #region A b'],
    'a.ts:1: #region A b: write // #region lower-case-name',
  ],
  ['#instead outside', ['// #instead'], 'a.ts:1: #instead stands outside a hole'],
  [
    '#instead twice',
    [...hole.slice(0, 3), '// #instead'],
    'a.ts:4: the hole sum has an #instead on line 3',
  ],
  [
    'no #instead',
    [...hole.slice(0, 2), '// #endhole'],
    'a.ts:3: the hole sum has no #instead: add it, even with nothing below',
  ],
  ['no solution', [hole[0], ...hole.slice(2)], 'a.ts:1: the hole sum has no solution'],
  [
    'living code below #instead',
    [...hole.slice(0, 3), 'sum();', '// #endhole'],
    'a.ts:4: below #instead of sum each line begins with //',
  ],
] as const)('%s is refused where it stands', ([, lines, message]) => {
  expect(read(...lines.map(line => line ?? ''))).toBe(message);
});
