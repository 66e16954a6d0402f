/**
 * What is made from something else is fresh: the exercises, which are made from their chapters.
 *
 * - generated                the check: what is checked in is what would be made now
 * - generatedFiles(root)     path -> text of all that is made; `npm run generate` writes it
 * - leftOver(root, made)     modules of an exercise that nothing makes any more
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { generateExercise } from '@slipway/lab/exercise.ts';
import { type Check, filesOf } from './check.ts';

export const generated: Check = {
  name: 'generated',
  todo: 'npm run generate',
  run: root => {
    const made = generatedFiles(root);
    const stale = [...made].flatMap(([file, text]) => {
      const path = join(root, file);
      if (!existsSync(path)) return [`${file} is missing`];
      return readFileSync(path, 'utf8') === text ? [] : [`${file} is older than its chapter`];
    });
    return [...stale, ...leftOver(root, made).map(file => `${file}: nothing makes it`)];
  },
};

export function generatedFiles(root: string): ReadonlyMap<string, string> {
  const chapters = filesOf(root, 'chapters/*/run.ts').map(file => file.replace(/\/run\.ts$/, ''));
  return new Map(
    chapters.flatMap(chapter =>
      [...generateExercise(join(root, chapter))].map(
        ([file, text]) => [join(chapter, 'exercise', file), text] as const,
      ),
    ),
  );
}

export function leftOver(root: string, made: ReadonlyMap<string, string>): readonly string[] {
  return filesOf(root, 'chapters/*/exercise/**/*.ts').filter(file => !made.has(file));
}
