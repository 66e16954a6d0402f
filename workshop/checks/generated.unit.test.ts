import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { pending } from '../generated/pending.ts';
import { generated } from './generated.ts';
import { planted } from './planted.ts';

const chapter = 'chapters/01-planted';
const hole = ['// #hole sum: Add them.', 'return a + b;', '// #instead', '// return a - b;'];
const sum = (lines: readonly string[]): string =>
  `export function sum(a: number, b: number): number {\n${lines.map(line => `  ${line}\n`).join('')}}\n`;

const tree = {
  [`${chapter}/run.ts`]: `import { sum } from './sum.ts';\n\nprocess.exitCode = sum(1, 2);\n`,
  [`${chapter}/sum.ts`]: sum([...hole, '// #endhole']),
  [`${chapter}/say.ts`]: '// #region say\nconst said = 1;\n// #endregion\nvoid said;\n',
  'README.md': '```ts file=chapters/01-planted/say.ts#say\n```\n',
};

/** As `npm run generate` does. */
function write(root: string): void {
  for (const { file, text } of pending(root)) {
    const path = join(root, file);
    mkdirSync(dirname(path), { recursive: true });
    if (text === undefined) rmSync(path);
    else writeFileSync(path, text);
  }
}

test('a tree without its exercise is not fresh, and one with it is', () => {
  using place = planted(tree);
  expect(generated.run(place.root)).toEqual([
    `${chapter}/exercise/run.ts is not as its source says`,
    `${chapter}/exercise/sum.ts is not as its source says`,
    'README.md is not as its source says',
  ]);
  write(place.root);
  expect(generated.run(place.root)).toEqual([]);
});

test('a changed source makes its exercise stale', () => {
  using place = planted(tree);
  write(place.root);
  const changed = sum([...hole.with(0, '// #hole sum: Add both.'), '// #endhole']);
  writeFileSync(join(place.root, chapter, 'sum.ts'), changed);
  expect(generated.run(place.root)).toEqual([
    `${chapter}/exercise/sum.ts is not as its source says`,
  ]);
});

test('an exercise in which somebody has worked is told from a stale one', () => {
  using place = planted(tree);
  write(place.root);
  const work = join(place.root, chapter, 'exercise/sum.ts');
  writeFileSync(work, sum(['return b + a;']));
  expect(generated.run(place.root)).toEqual([
    `${chapter}/exercise/sum.ts is not as its source says, it was changed by hand`,
  ]);
});

test('an exercise whose chapter asks for nothing any more has to go', () => {
  using place = planted(tree);
  write(place.root);
  writeFileSync(join(place.root, chapter, 'sum.ts'), sum(['return a + b;']));
  expect(generated.run(place.root)).toEqual([
    `${chapter}/exercise/run.ts: nothing makes it any more`,
    `${chapter}/exercise/sum.ts: nothing makes it any more`,
  ]);
  write(place.root);
  expect(existsSync(join(place.root, chapter, 'exercise/sum.ts'))).toBe(false);
});

test('a hole that is never closed is a finding', () => {
  using place = planted({ ...tree, [`${chapter}/sum.ts`]: sum(hole) });
  expect(generated.run(place.root).join()).toContain('sum.ts:2: the hole sum is never closed');
});

test('a made exercise is formatted, in the width of a chapter', () => {
  const names = Array.from({ length: 9 }, (_, index) => `value${index}`).join(', ');
  const line = `import { ${names} } from './a.ts';`;
  expect(line.length).toBeLessThanOrEqual(100);
  using place = planted({
    ...tree,
    [`${chapter}/a.ts`]: 'export const value0 = 0;\n',
    [`${chapter}/sum.ts`]: `${line}\n${sum([...hole, '// #endhole'])}`,
  });
  const made = pending(place.root).find(({ file }) => file.endsWith('exercise/sum.ts'));
  expect(made?.text).toContain("  value8,\n} from '../a.ts';\n");
});
