/**
 * One unit at a terminal: the page, the keys, and a look at the machine several times a second.
 *
 * - runSession(session, notice)   until the learner leaves; → how it ended. The notice stands on
 *                                 the first page
 *
 * The page is drawn when something has changed. What was ticked is written down at once.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Attempt, readProgress, writeProgress } from './progress.ts';
import { currentTask, look } from './attempt.ts';
import { page, type PageView } from './page.ts';
import type { Prose } from './prose.ts';
import { filled, type Seen, type Unit } from './unit.ts';
import type { GuideWords } from './words.ts';

export interface Session {
  readonly unit: Unit;
  readonly attempt: Attempt;
  readonly prose: Prose;
  readonly say: GuideWords;
  readonly file: string;
  readonly finished: Readonly<Record<string, string>>;
}

export type Ending = 'left' | 'finished' | 'again';

const pauseMs = 400;

export async function runSession(session: Session, notice?: PageView['asked']): Promise<Ending> {
  const { unit, attempt, file, finished, say } = session;
  const keys = openKeys();
  // Who types a command into the wrong half of the screen must not lose what was reached.
  const sure: PageView['asked'] = [say.again, say.againHow];
  try {
    let asked = notice;
    let shown = '';
    for (;;) {
      const before = attempt.ticked.length;
      const seen = await look(unit, attempt);
      if (attempt.ticked.length !== before) asked = undefined;
      // Put back meanwhile, from another terminal.
      if (readProgress(file).attempt?.unit !== unit.id) return 'left';
      writeProgress(file, { finished, attempt });
      const key = keys.next();
      if (key === 'r' && asked === sure) return 'again';
      if (key !== undefined && asked === sure) asked = undefined;
      if (key === 'h') asked = hintOf(session, seen);
      if (key === 's') asked = solutionOf(session);
      if (key === 'r') asked = sure;
      if (key === 'q') return 'left';
      if (seen.done && key === 'enter') return 'finished';
      shown = draw(session, asked, seen, shown);
      await sleep(pauseMs);
    }
  } finally {
    keys.close();
  }
}

export function hintOf({ unit, attempt, prose, say }: Session, seen: Seen): PageView['asked'] {
  const task = currentTask(unit, attempt);
  if (seen.done || task === undefined) return undefined;
  const text = prose.tasks[task.id]?.hints[seen.hint] ?? say.anywhere[seen.hint];
  if (text === undefined) throw new Error(`${unit.id}: no words for "${task.id} ${seen.hint}"`);
  return [say.hint, filled(text, { ...attempt.words, ...seen.facts })];
}

function solutionOf({ unit, attempt, say }: Session): PageView['asked'] {
  const task = currentTask(unit, attempt);
  if (task === undefined) return undefined;
  return [say.solution, task.solve.map(line => `    ${line}`).join('\n')];
}

function draw(session: Session, asked: PageView['asked'], seen: Seen, before: string): string {
  const { unit, attempt, prose, say } = session;
  const width = Math.min(process.stdout.columns || 80, 100) - 2;
  const keys = seen.done ? say.finished : say.keys;
  const footer = process.env['LAB_PANE'] === undefined ? keys : `${keys}\n\n${say.halves}`;
  const view = { unit, prose, words: attempt.words, say, ticked: attempt.ticked, footer };
  const text = page({ ...view, ...(asked && { asked }) }, width);
  if (text !== before) process.stdout.write(`\u001B[2J\u001B[H${text}\n`);
  return text;
}

interface Keys {
  readonly next: () => string | undefined;
  readonly close: () => void;
}

function openKeys(): Keys {
  const waiting: string[] = [];
  const read = (text: string): void => {
    for (const one of text) {
      const names: Record<string, string> = { '\r': 'enter', '\n': 'enter', '\u0003': 'q' };
      waiting.push(names[one] ?? one.toLowerCase());
    }
  };
  process.stdin.setRawMode(true).setEncoding('utf8').on('data', read).resume();
  return {
    next: () => waiting.shift(),
    close: () => {
      process.stdin.off('data', read).setRawMode(false).pause();
    },
  };
}
