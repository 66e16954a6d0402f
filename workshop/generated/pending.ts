/**
 * What is made from something else, and is not as its source says.
 *
 * - pending(root)     the files to write or to remove; none when all is fresh
 *
 * Made are the exercises of the chapters, from the holes in their source, and the code in the
 * documents, from the regions in it.
 */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { generateExercise, renderIncludes } from '@slipway/lab';
import { filesOf } from '../checks/check.ts';
import { formatted } from './format.ts';
import { isAsMade, stamped } from './stamp.ts';

export interface Pending {
  /** Relative to the root. */
  readonly file: string;
  /** As it should be; undefined: it should not be. */
  readonly text: string | undefined;
  /** Whether what is there may be somebody's work. */
  readonly byHand: boolean;
}

/** @throws Error (file:line) for a source from which nothing can be made */
export function pending(root: string): readonly Pending[] {
  return [...pendingExercises(root), ...pendingDocuments(root)];
}

function pendingExercises(root: string): readonly Pending[] {
  const made = formatted(root, exerciseTexts(root));
  const written = [...made].flatMap(([file, text]) => changed(root, file, stamped(text)) ?? []);
  const left = filesOf(root, 'chapters/*/exercise/**/*.ts').filter(file => !made.has(file));
  const removed = left.map(file => ({
    file,
    text: undefined,
    byHand: !isAsMade(read(root, file)),
  }));
  return [...written, ...removed];
}

function exerciseTexts(root: string): ReadonlyMap<string, string> {
  const chapters = filesOf(root, 'chapters/*/run.ts').map(dirname);
  return new Map(
    chapters.flatMap(chapter =>
      [...generateExercise(join(root, chapter))].map(
        ([file, text]) => [join(chapter, 'exercise', file), text] as const,
      ),
    ),
  );
}

function changed(root: string, file: string, text: string): Pending | undefined {
  if (!existsSync(join(root, file))) return { file, text, byHand: false };
  const before = read(root, file);
  return before === text ? undefined : { file, text, byHand: !isAsMade(before) };
}

function pendingDocuments(root: string): readonly Pending[] {
  return filesOf(root, '**/*.md').flatMap(file => {
    const text = renderIncludes(join(root, file));
    // The code in a document has no other source: what was typed there by hand is not lost work.
    return text === read(root, file) ? [] : [{ file, text, byHand: false }];
  });
}

function read(root: string, file: string): string {
  return readFileSync(join(root, file), 'utf8');
}
