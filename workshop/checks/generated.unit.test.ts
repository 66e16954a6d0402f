import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { generated, generatedFiles } from './generated.ts';
import { type Planted, planted } from './planted.ts';

const chapter = `
// #hole greeting: Say hello.
export const greeting = 'hello';
// #instead
// export const greeting = '';
// #endhole
`;

function withExercise(): Planted {
  const tree = planted({
    'chapters/01-a/greeting.ts': chapter,
    'chapters/01-a/run.ts': `import { greeting } from './greeting.ts';\nconsole.log(greeting);\n`,
    'chapters/01-a/exercise/.keep': '',
  });
  for (const [file, text] of generatedFiles(tree.root)) writeFileSync(join(tree.root, file), text);
  return tree;
}

test('an exercise that was made from its chapter is fresh', () => {
  using tree = withExercise();
  expect(generated.run(tree.root)).toEqual([]);
});

test('a chapter that changed after its exercise was made is found', () => {
  using tree = withExercise();
  const file = join(tree.root, 'chapters/01-a/greeting.ts');
  writeFileSync(file, chapter.replace('Say hello', 'Say goodbye'));
  expect(generated.run(tree.root)).toEqual([
    'chapters/01-a/exercise/greeting.ts is older than its chapter',
  ]);
});

test('a module of an exercise that nothing makes, and one that is missing, are found', () => {
  using tree = withExercise();
  writeFileSync(join(tree.root, 'chapters/01-a/exercise/old.ts'), '');
  rmSync(join(tree.root, 'chapters/01-a/exercise/greeting.ts'));
  expect(generated.run(tree.root)).toEqual([
    'chapters/01-a/exercise/greeting.ts is missing',
    'chapters/01-a/exercise/old.ts: nothing makes it',
  ]);
});
