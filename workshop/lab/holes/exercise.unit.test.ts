import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { generateExercise, listHoles, solutionDifference, variant } from './exercise.ts';
import { written } from '../check/written.ts';

/** run.ts → middle.ts → sum.ts, which has a hole; say.ts and far/away.ts have none. */
const chapter = {
  'package.json': '{ "type": "module" }',
  'run.ts': `#!/usr/bin/env -S npx tsx
import { say } from './say.ts';
import { middle } from './middle.ts';
import type { Far } from './far/away.ts';

const far: Far = middle(1, 2);
say(far, await import('./far/away.ts'));
`,
  'middle.ts': `import { sum, type Pair } from './sum.ts';
export { away } from './far/away.ts';

export const middle = (...pair: Pair): number => sum(...pair);
`,
  'sum.ts': `import { factor } from './far/away.ts';
export type Pair = [number, number];

export function sum(a: number, b: number): number {
  // #hole add: Put both together.
  return factor * (a + b);
  // #instead
  // return factor * (a - b);
  // #endhole
}
`,
  'say.ts': `import { type Pair } from './sum.ts';
export const say = (...all: [...Partial<Pair>, ...unknown[]]): void => console.log(all[0]);
`,
  'far/away.ts': `export type Far = number;
export const factor = 10;
export const away = true;
`,
  'sum.test.ts': `import { sum } from './sum.ts';
sum(1, 2);
`,
};

test('the exercise holds the holes and what stands between them and run.ts, no more', () => {
  using place = written(chapter);
  const exercise = generateExercise(place.folder);
  expect([...exercise.keys()]).toEqual(['middle.ts', 'run.ts', 'sum.ts']);
  expect(exercise.get('sum.ts')).toBe(`\
// Made from ../sum.ts by \`npm run generate\`. It leaves out one part: yours.
// See how far you are, in the folder of the chapter: SUBJECT=exercise/run.ts npm test
//
import { factor } from '../far/away.ts';
export type Pair = [number, number];

export function sum(a: number, b: number): number {
  // YOUR PART add: Put both together.
  return factor * (a - b);
}
`);
  expect(exercise.get('middle.ts')).toContain(`import { sum, type Pair } from './sum.ts';
export { away } from '../far/away.ts';`);
  expect(exercise.get('run.ts')).toBe(`\
#!/usr/bin/env -S npx tsx
// Made from ../run.ts by \`npm run generate\`. Nothing is left out here.
// See how far you are, in the folder of the chapter: SUBJECT=exercise/run.ts npm test
//
import { say } from '../say.ts';
import { middle } from './middle.ts';
import type { Far } from '../far/away.ts';

const far: Far = middle(1, 2);
say(far, await import('../far/away.ts'));
`);
});

test('a module that is imported without names, or passed on, counts as well', () => {
  using place = written({
    ...chapter,
    'run.ts': `import './effect.ts';\nimport { all } from './all.ts';\nall.say(1);\n`,
    'effect.ts': `import { sum } from './sum.ts';\nsum(1, 2);\n`,
    'all.ts': `export * as all from './say.ts';\nexport * from './middle.ts';\n`,
  });
  const files = [...generateExercise(place.folder).keys()];
  expect(files).toEqual(['all.ts', 'effect.ts', 'middle.ts', 'run.ts', 'sum.ts']);
});

test('what is asked is wrapped to the width of a slide', () => {
  const ask = 'word '.repeat(40).trim();
  const sum = chapter['sum.ts'].replace('Put both together.', ask);
  using place = written({ ...chapter, 'sum.ts': sum });
  const lines = generateExercise(place.folder).get('sum.ts')?.split('\n') ?? [];
  expect(Math.max(...lines.map(line => line.length))).toBeLessThanOrEqual(88);
  expect(lines.filter(line => line.startsWith('  // ')).join(' ')).toContain('word   // word');
});

test('a chapter without holes has no exercise', () => {
  using place = written({ 'run.ts': 'export const a = 1;\n' });
  expect(generateExercise(place.folder).size).toBe(0);
  expect(listHoles(place.folder)).toEqual([]);
});

test('a module in a folder is copied into that folder, with its imports', () => {
  using place = written({
    'run.ts': `import { sum } from './deep/sum.ts';\nsum(1, 2);\n`,
    'deep/sum.ts': chapter['sum.ts'].replace('./far/away.ts', '../far/away.ts'),
    'far/away.ts': chapter['far/away.ts'],
  });
  const exercise = generateExercise(place.folder);
  expect(exercise.get('run.ts')).toContain(`from './deep/sum.ts'`);
  expect(exercise.get('deep/sum.ts')).toContain(`from '../../far/away.ts'`);
  expect(exercise.get('deep/sum.ts')).toContain('// Made from ../../deep/sum.ts by');
});

test('two holes of one name in a chapter are refused, and import.meta beside a hole', () => {
  using twins = written({ ...chapter, 'twin.ts': chapter['sum.ts'] });
  expect(() => listHoles(twins.folder)).toThrow('twin.ts:5: sum.ts:5 has a hole add too');
  using lost = written({ ...chapter, 'sum.ts': `${chapter['sum.ts']}import.meta.dirname;\n` });
  expect(() => listHoles(lost.folder)).toThrow('import.meta differs in a copy');
});

test('the holes are listed with what is asked and where', () => {
  using place = written(chapter);
  expect(listHoles(place.folder)).toEqual([
    { name: 'add', ask: 'Put both together.', file: 'sum.ts', line: 5 },
  ]);
});

test('patch(1) with the difference turns the exercise into the solution', () => {
  using place = written(chapter);
  const difference = solutionDifference(place.folder, 'add');
  mkdirSync(join(place.folder, 'exercise'));
  for (const [file, text] of generateExercise(place.folder)) {
    writeFileSync(join(place.folder, 'exercise', file), text);
  }
  execFileSync('patch', ['-p1'], { cwd: place.folder, input: difference, stdio: 'pipe' });
  const solved = readFileSync(join(place.folder, 'exercise/sum.ts'), 'utf8');
  expect(solved).toContain('{\n  return factor * (a + b);\n}');
  expect(() => solutionDifference(place.folder, 'gone')).toThrow('has no hole gone: it has add');
});

function runSubject(subject: string): string {
  return execFileSync(process.execPath, [subject], { encoding: 'utf8', stdio: 'pipe' });
}

test('the chapter, its exercise and its variants run, each with its own code', () => {
  using place = written(chapter);
  const target = join(place.folder, '.variant-a');
  expect(runSubject(join(place.folder, 'run.ts'))).toBe('30\n');
  using asShipped = variant(place.folder, { add: 'instead' }, target);
  expect(runSubject(asShipped.subject)).toBe('-10\n');
  using other = variant(place.folder, { add: 'const c = a * b;\nreturn c;' }, target);
  expect(runSubject(other.subject)).toBe('2\n');
  const text = readFileSync(join(target, 'sum.ts'), 'utf8');
  expect(text).toContain('{\n  const c = a * b;\n  return c;\n}');
});

test('a variant copies only what it reaches, and is gone when disposed of', () => {
  using place = written(chapter);
  const target = join(place.folder, '.variant-a');
  {
    using _ = variant(place.folder, { add: '' }, target);
    expect(existsSync(join(target, 'middle.ts'))).toBe(true);
    expect(existsSync(join(target, 'say.ts'))).toBe(false);
  }
  expect(existsSync(target)).toBe(false);
});

test('a variant of an unknown hole, or in another place, is refused', () => {
  using place = written(chapter);
  const target = join(place.folder, '.variant-a');
  expect(() => variant(place.folder, { gone: '' }, target)).toThrow('has no hole gone: it has add');
  for (const wrong of ['far', '.', '../.variant-a', '.variant-a/../run.ts']) {
    expect(() => variant(place.folder, {}, join(place.folder, wrong))).toThrow('is no place for');
  }
});
