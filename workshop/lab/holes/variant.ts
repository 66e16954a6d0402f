/**
 * A copy of a chapter in which some holes hold other code: what a typical mistake looks like, run.
 *
 * - variant(chapterDir, codes, targetDir)   writes it; `subject` is its run.ts; disposing
 *                                         removes it
 *
 * Only what the mistake reaches is copied, the rest is imported from the chapter. The target is a
 * folder `.variant-…` in the chapter, which git ignores; what was there before is removed.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import type { Hole } from './regions.ts';
import { type Chapter, moveImports, readChapter, reached } from './chapter.ts';
import { fillHoles, indented } from './fill.ts';

export interface Variant extends Disposable {
  /** The absolute path of the copy's run.ts. */
  readonly subject: string;
}

/**
 * @param codes hole → `instead` for what the exercise has there, or the lines of code themselves
 * @throws Error if there is no such hole, or if the target is no `.variant-…` of this chapter
 */
export function variant(
  chapterDir: string,
  codes: Readonly<Record<string, string>>,
  targetDir: string,
): Variant {
  const folder = resolve(chapterDir);
  const target = resolve(targetDir);
  if (dirname(target) !== folder || !/^\.variant-[\w-]+$/.test(basename(target))) {
    throw new Error(`${targetDir} is no place for a variant: take ${chapterDir}/.variant-NAME`);
  }
  const texts = variantTexts(readChapter(folder), codes, relative(folder, target));
  rmSync(target, { recursive: true, force: true });
  for (const [file, text] of texts) {
    mkdirSync(dirname(join(target, file)), { recursive: true });
    writeFileSync(join(target, file), text);
  }
  return {
    subject: join(target, 'run.ts'),
    [Symbol.dispose]: () => rmSync(target, { recursive: true, force: true }),
  };
}

function variantTexts(
  chapter: Chapter,
  codes: Readonly<Record<string, string>>,
  place: string,
): ReadonlyMap<string, string> {
  const holes = chapter.modules.flatMap(one => one.holes.map(({ name }) => name));
  const unknown = Object.keys(codes).find(name => !holes.includes(name));
  if (unknown !== undefined) {
    throw new Error(`${chapter.folder} has no hole ${unknown}: it has ${holes.join(', ')}`);
  }
  const changed = chapter.modules.filter(one => one.holes.some(({ name }) => name in codes));
  const copies = reached(
    chapter,
    changed.map(one => one.file),
  );
  const copied = new Set(copies.map(one => one.file));
  return new Map(
    copies.map(one => {
      const text = fillHoles(one, hole => codeFor(hole, codes[hole.name]));
      return [one.file, moveImports({ file: one.file, text }, place, copied)];
    }),
  );
}

function codeFor(hole: Hole, code: string | undefined): readonly string[] | undefined {
  if (code === undefined) return undefined;
  return code === 'instead' ? hole.instead : indented(hole, code);
}
