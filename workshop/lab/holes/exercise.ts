/**
 * The exercise of a chapter: its own modules, with the holes left for the learner.
 *
 * - generateExercise(chapterDir)           path in exercise/ → text; see workshop/generate.ts
 * - listHoles(chapterDir)                  the parts that the learner is asked for
 * - solutionDifference(chapterDir, name)   from the exercise's hole to the solution, as a
 *                                          unified diff (`patch -p1` in the chapter applies it)
 * - variant(…)                             a copy with other code in some holes (holes/variant.ts)
 *
 * One source: the chapter is the solution, the exercise is made from it. A module without a hole
 * is imported from the chapter, unless it stands between run.ts and a hole: then it is copied, or
 * the learner's part would never run.
 */
import { type ChapterModule, moveImports, readChapter, reached } from './chapter.ts';
import { difference } from './difference.ts';
import { askLines, fillHoles } from './fill.ts';
import type { Hole } from './regions.ts';

export { variant } from './variant.ts';

export interface ListedHole {
  readonly name: string;
  readonly ask: string;
  /** Relative to the chapter. */
  readonly file: string;
  readonly line: number;
}

/** Empty for a chapter without holes. */
export function generateExercise(chapterDir: string): ReadonlyMap<string, string> {
  return exerciseTexts(chapterDir, toLearn);
}

export function listHoles(chapterDir: string): readonly ListedHole[] {
  return readChapter(chapterDir).modules.flatMap(({ file, holes }) =>
    holes.map(({ name, ask, first }) => ({ name, ask, file, line: first })),
  );
}

/** @throws Error if the chapter has no such hole */
export function solutionDifference(chapterDir: string, name: string): string {
  const holes = listHoles(chapterDir);
  const wanted = holes.find(hole => hole.name === name);
  if (wanted === undefined) {
    const known = holes.map(hole => hole.name).join(', ') || 'none';
    throw new Error(`${chapterDir} has no hole ${name}: it has ${known}`);
  }
  const before = generateExercise(chapterDir).get(wanted.file) ?? '';
  const solved = exerciseTexts(chapterDir, hole =>
    hole.name === name ? undefined : toLearn(hole),
  );
  return difference(`exercise/${wanted.file}`, before, solved.get(wanted.file) ?? '');
}

function toLearn(hole: Hole): readonly string[] {
  return [...askLines(hole), ...hole.instead];
}

function exerciseTexts(
  chapterDir: string,
  fill: (hole: Hole) => readonly string[] | undefined,
): ReadonlyMap<string, string> {
  const chapter = readChapter(chapterDir);
  const holed = chapter.modules.filter(one => one.holes.length > 0);
  if (holed.length === 0) return new Map();
  const copies = reached(
    chapter,
    holed.map(one => one.file),
  );
  const copied = new Set(copies.map(one => one.file));
  return new Map(
    copies.map(one => {
      const text = withHeader(one, fillHoles(one, fill));
      return [one.file, moveImports({ file: one.file, text }, 'exercise', copied)];
    }),
  );
}

function withHeader({ file, holes }: ChapterModule, text: string): string {
  const up = '../'.repeat(file.split('/').length);
  const parts =
    holes.length > 0
      ? `It leaves out ${holes.length === 1 ? 'one part' : `${holes.length} parts`}: yours.`
      : 'Nothing is left out here.';
  const header = [
    `// Made from ${up}${file} by \`npm run generate\`. ${parts}`,
    '// See how far you are, in the folder of the chapter: SUBJECT=exercise/run.ts npm test',
    '//',
  ];
  const shebang = /^#!.*\n/.exec(text)?.[0] ?? '';
  return `${shebang}${header.join('\n')}\n${text.slice(shebang.length)}`;
}
