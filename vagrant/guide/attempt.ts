/**
 * One attempt at a unit, from the drawing of its words to the machine as it was.
 *
 * - begin(unit, place, random)   draws, takes the host guard's snapshot, prepares
 * - look(unit, attempt)          looks for the current task, and ticks it; as far as it goes
 * - currentTask(unit, attempt)   the first that is not ticked, or undefined
 * - restore(unit, attempt)       puts everything back; → what is still there, as sentences
 *
 * Invariant: an attempt is plain data. Who reads it from the file goes on where the last one
 * stopped.
 */
import { mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { changesSince, sentence, snapshot } from '@slipway/lab/guard.ts';
import { tableIsOurs } from '../sight/marked.ts';
import { uncoverProcesses, unmountBelow } from './put-back.ts';
import { openDraw } from './draw.ts';
import { type Attempt, giveToLearner } from './progress.ts';
import { hint, type Scene, type Seen, type Task, type Unit } from './unit.ts';

const tree = join(import.meta.dirname, '../..');

export async function begin(unit: Unit, folder: string, random: () => number): Promise<Attempt> {
  const place = join(folder, unit.id.replace(/^.*\//, ''));
  const words = { ...unit.draw(openDraw(random)), place, tree };
  const before = await snapshot();
  const started = new Date().toISOString();
  const attempt = { unit: unit.id, started, words, notes: {}, ticked: [], before };
  await clearPlace(place);
  mkdirSync(place, { recursive: true });
  giveToLearner(dirname(place));
  giveToLearner(place);
  await unit.init?.(sceneOf(attempt));
  return attempt;
}

async function clearPlace(place: string): Promise<void> {
  await unmountBelow(place);
  rmSync(place, { recursive: true, force: true });
}

function sceneOf(attempt: Attempt): Scene {
  return { words: attempt.words, place: attempt.words['place'] ?? '', notes: attempt.notes };
}

export function currentTask(unit: Unit, attempt: Attempt): Task | undefined {
  return unit.tasks.find(task => !attempt.ticked.includes(task.id));
}

/** What the current task sees; `done` when there is none left. Ticks what is done on the way. */
export async function look(unit: Unit, attempt: Attempt): Promise<Seen> {
  // Whatever the task is: with another /proc nobody would be found, or somebody else.
  if (!tableIsOurs()) return hint('covered-proc');
  for (;;) {
    const task = currentTask(unit, attempt);
    if (task === undefined) return { done: true };
    const seen = await task.look(sceneOf(attempt));
    if (!seen.done) return seen;
    attempt.ticked.push(task.id);
  }
}

export async function restore(unit: Unit, attempt: Attempt): Promise<readonly string[]> {
  const scene = sceneOf(attempt);
  await uncoverProcesses();
  await unit.restore(scene);
  await clearPlace(scene.place);
  return (await changesSince(attempt.before)).map(sentence);
}
