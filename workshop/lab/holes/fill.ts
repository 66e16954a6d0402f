/**
 * A module with its holes filled, each in a way of its own.
 *
 * - fillHoles(module, fill)   the text of the module: `fill` gives the lines for a hole, and the
 *                             solution stays where it gives none; no marker is left
 * - askLines(hole)            the comment that asks the learner for it
 * - indented(hole, text)      a text as lines at the depth of the hole
 */
import type { Hole } from './regions.ts';
import type { ChapterModule } from './chapter.ts';

/** What fits a slide: the width of everything in chapters/. */
const widest = 88;

export function fillHoles(
  { text, holes }: Pick<ChapterModule, 'text' | 'holes'>,
  fill: (hole: Hole) => readonly string[] | undefined,
): string {
  const lines = text.split('\n');
  // From the last to the first, so that the line numbers of the others stay true.
  for (const hole of holes.toSorted((a, b) => b.first - a.first)) {
    const code = fill(hole) ?? hole.solution;
    lines.splice(hole.first - 1, hole.last - hole.first + 1, ...code);
  }
  return lines.filter(line => !/^\s*\/\/ #(region|endregion)\b/.test(line)).join('\n');
}

export function askLines({ name, ask, indent }: Hole): readonly string[] {
  return wrap(`YOUR PART ${name}: ${ask}`, widest - indent.length - 3).map(
    line => `${indent}// ${line}`,
  );
}

export function indented({ indent }: Hole, text: string): readonly string[] {
  const lines = text.replace(/\n$/, '').split('\n');
  return text === '' ? [] : lines.map(line => (line === '' ? '' : `${indent}${line}`));
}

function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}
