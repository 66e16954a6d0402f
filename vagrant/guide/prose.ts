/**
 * A unit's prose: one Markdown file a language, cut at its headings.
 *
 * - readProse(unit, language)   title, introduction, and for each task its goal and its hints
 *
 *     # The title            ## first            ### nobody
 *     the introduction       the task's goal     a hint, when this is what is seen
 *
 * `{word}` is replaced when it is shown.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export type Language = 'en' | 'zh';

export interface Prose {
  readonly title: string;
  readonly introduction: string;
  readonly tasks: Readonly<Record<string, TaskProse>>;
}

export interface TaskProse {
  readonly goal: string;
  readonly hints: Readonly<Record<string, string>>;
}

interface Section {
  readonly depth: number;
  readonly heading: string;
  readonly text: string;
}

export function readProse(id: string, language: Language): Prose {
  const file = join(import.meta.dirname, '../units', id, `${language}.md`);
  return parseProse(readFileSync(file, 'utf8'));
}

export function parseProse(text: string): Prose {
  const sections = sectionsOf(text);
  const [first] = sections;
  const tasks: Record<string, { goal: string; hints: Record<string, string> }> = {};
  let current = '';
  for (const { depth, heading, text: words } of sections) {
    if (depth === 2) tasks[(current = heading)] = { goal: words, hints: {} };
    else if (depth === 3) Object.assign(tasks[current]?.hints ?? {}, { [heading]: words });
  }
  return { title: first?.heading ?? '', introduction: first?.text ?? '', tasks };
}

function sectionsOf(text: string): readonly Section[] {
  return text
    .split(/^(?=#{1,3} )/m)
    .filter(part => part.startsWith('#'))
    .map(part => {
      const end = part.indexOf('\n');
      const [, marks = '', heading = ''] = /^(#+) +(.*)$/.exec(part.slice(0, end)) ?? [];
      return { depth: marks.length, heading: heading.trim(), text: part.slice(end).trim() };
    });
}
