/**
 * Every unit, twice from fresh: what is to come is not there before, wrong answers get the hint
 * that fits, the unit's own solution typed into a real terminal is seen, and everything is put
 * back.
 */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { check, type CheckContext } from '@slipway/lab/check.ts';
import { openTerminal } from '@slipway/lab/prose/terminal.ts';
import { expect } from 'vitest';
import { begin, currentTask, look, restore } from '../guide/attempt.ts';
import type { Attempt } from '../guide/progress.ts';
import { filled, type Seen, type Unit } from '../guide/unit.ts';
import { readProse } from '../guide/prose.ts';
import { wordsOf } from '../guide/words.ts';
import { units } from './units.ts';

type Terminal = Awaited<ReturnType<typeof openTerminal>>;

const slow = Number(process.env['SLIPWAY_SLOW'] ?? 1);
const root = join(import.meta.dirname, '../..');
const path = `${join(root, 'node_modules/.bin')}:${process.env['PATH']}`;

async function type(terminal: Terminal, lines: readonly string[], attempt: Attempt): Promise<void> {
  // A shell within the shell has another prompt: then a short quiet is the sign that it waits.
  for (const line of lines) {
    const limitMs = /run\.ts/.test(line) ? 4000 * slow : 700 * slow;
    await terminal.type(filled(line, attempt.words), [], limitMs);
  }
}

/** Looks as the guide does, until `wanted` is seen; what was seen last when it never is. */
async function lookUntil(
  unit: Unit,
  attempt: Attempt,
  wanted: (seen: Seen) => boolean,
): Promise<Seen> {
  const deadline = performance.now() + 30_000 * slow;
  for (;;) {
    const seen = await look(unit, attempt);
    expectWords(unit, attempt, seen);
    if (wanted(seen) || performance.now() > deadline) return seen;
    await sleep(150);
  }
}

/** Whatever is seen on the way has words in both languages. */
function expectWords(unit: Unit, attempt: Attempt, seen: Seen): void {
  const task = currentTask(unit, attempt);
  if (seen.done || task === undefined) return;
  for (const language of ['en', 'zh'] as const) {
    const own = readProse(unit.id, language).tasks[task.id]?.hints ?? {};
    const hints = Object.keys({ ...own, ...wordsOf(language).anywhere });
    expect([task.id, hints]).toEqual([task.id, expect.arrayContaining([seen.hint])]);
  }
}

async function workThrough(unit: Unit, attempt: Attempt, context: CheckContext): Promise<void> {
  const terminal = context.hold(await openTerminal(root, path));
  for (const task of unit.tasks) {
    // Red before: nothing that was done so far has ticked it.
    const red = await look(unit, attempt);
    expect([unit.id, currentTask(unit, attempt)?.id, red.done]).toEqual([unit.id, task.id, false]);
    for (const { type: lines, sees, undo = [] } of task.wrong ?? []) {
      await type(terminal, lines, attempt);
      const seen = await lookUntil(unit, attempt, one => !one.done && one.hint === sees);
      expect([task.id, lines, seen]).toMatchObject([task.id, lines, { hint: sees }]);
      await type(terminal, undo, attempt);
    }
    await type(terminal, task.solve, attempt);
    const solved = () => attempt.ticked.includes(task.id);
    const seen = await lookUntil(unit, attempt, solved);
    expect([task.id, solved(), seen]).toEqual([task.id, true, expect.anything()]);
  }
}

for (const unit of units()) {
  const options = { needs: unit.needs, timeoutMs: 240_000 * slow };
  check(`${unit.id} is solved by its own solution, and by nothing less`, options, async context => {
    const folder = await context.scratch();
    for (const seed of [0.1, 0.7]) {
      const attempt = await begin(unit, folder, sequence(seed));
      try {
        await workThrough(unit, attempt, context);
      } finally {
        await restore(unit, attempt);
      }
    }
  });
}

/** Repeatable chance: another word for each draw, the same ones for the same seed. */
function sequence(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 997 + 0.1234) % 1;
    return state;
  };
}
