/**
 * What stands on the screen, as text: pure, so that it can be tested.
 *
 * - page(view, width)     the title, the tasks with their ticks, the goal, what was asked for, the
 *                         keys
 * - wrapped(text, width)  paragraphs broken at the width; a Chinese character is two columns wide
 *                         and
 *                         may be broken after; a line that is indented stays as it is
 */
import chalk from 'chalk';
import type { Prose } from './prose.ts';
import { filled, type Unit, type Words } from './unit.ts';
import type { GuideWords } from './words.ts';

export interface PageView {
  readonly unit: Unit;
  readonly prose: Prose;
  readonly words: Words;
  readonly say: GuideWords;
  readonly ticked: readonly string[];
  /** What a key has asked for: a heading and a text. */
  readonly asked?: readonly [heading: string, text: string];
  readonly footer: string;
}

export function page(view: PageView, width: number): string {
  const { unit, prose, words, ticked, asked } = view;
  const current = unit.tasks.find(task => !ticked.includes(task.id));
  const marks = unit.tasks.map(task => (ticked.includes(task.id) ? chalk.green('✓') : '·'));
  const show = (text: string): string => wrapped(filled(text, words), width);
  const goal = current === undefined ? '' : (prose.tasks[current.id]?.goal ?? '');
  return [
    `${chalk.bold(filled(prose.title, words))}   ${marks.join(' ')}   ${chalk.dim(unit.id)}`,
    ...(ticked.length === 0 ? [show(prose.introduction)] : []),
    ...(goal === '' ? [] : [chalk.cyan(show(goal))]),
    ...(asked === undefined ? [] : [`${chalk.yellow(asked[0])}\n${show(asked[1])}`]),
    chalk.dim(wrapped(view.footer, width)),
  ].join('\n\n');
}

export function wrapped(text: string, width: number): string {
  return text
    .split(/\n\n+/)
    .map(paragraph => (paragraph.startsWith('    ') ? paragraph : filledLines(paragraph, width)))
    .join('\n\n');
}

function filledLines(paragraph: string, width: number): string {
  // A line of Chinese joins the next one without a blank.
  const flowing = paragraph.replace(/([\u3000-\u9fff\uff00-\uffef])\n/g, '$1').replace(/\n/g, ' ');
  const pieces = flowing.match(
    /[\u2e80-\u9fff\uff00-\uffef][，。：；、？！）”]*|[^\s\u2e80-\u9fff\uff00-\uffef]+\s*|\s+/g,
  );
  const lines: string[] = [];
  let line = '';
  for (const piece of pieces ?? []) {
    if (columns(line) + columns(piece.trimEnd()) > width && line !== '') {
      lines.push(line.trimEnd());
      line = '';
    }
    line += piece;
  }
  return [...lines, line.trimEnd()].join('\n');
}

/** Chinese characters and their punctuation are twice as wide. */
export function columns(text: string): number {
  return text.length + (text.match(/[\u2e80-\u9fff\uff00-\uffef]/g)?.length ?? 0);
}
