/**
 * The tests of the tests: every typical mistake is seen by the checkpoint that is there for it,
 * and gets its own diagnosis; a right program that is written quite differently passes.
 */
import { check } from '@slipway/lab/check.ts';
import { diagnosisOf, subjectAt } from '@slipway/lab/checkpoint.ts';
import { expect, test } from 'vitest';
import { checkpoints } from './checkpoints.ts';
import { thisMachine } from './runtime/run-limited.ts';
import { wrongAnswers } from './wrong-answers.ts';

for (const answer of wrongAnswers) {
  const checkpoint = checkpoints.find(({ id }) => id === answer.checkpoint);
  const needs = [...(checkpoint?.needs ?? []), ...answer.needs];
  check(
    `rejected: ${answer.mistake} (${answer.diagnosis})`,
    { needs },
    async context => {
      if (checkpoint === undefined)
        throw new Error(`no checkpoint ${answer.checkpoint}`);
      if (answer.diagnosis === 'swap-unlimited' && !countsSwap()) {
        context.skip('NOT RUN: this kernel does not count swap (swapaccount=1)');
      }
      await using subject = await answer.make();
      const diagnosis = await diagnosisOf(checkpoint, subject);
      const given = diagnosis && `${diagnosis.id}: ${diagnosis.message}`;
      expect(given).toMatch(new RegExp(`^${answer.diagnosis}: `));
    },
  );
}

function countsSwap(): boolean {
  return thisMachine().countsSwap;
}

test('every checkpoint is failed by some wrong answer', () => {
  const failed = new Set(wrongAnswers.map(answer => answer.checkpoint));
  expect(checkpoints.map(({ id }) => id).filter(id => !failed.has(id))).toEqual([]);
});

for (const checkpoint of checkpoints.filter(({ id }) => id !== 'proc-view')) {
  const { sentence, needs } = checkpoint;
  check(`mkdir and echo pass: ${sentence}`, { needs }, async () => {
    const script = subjectAt(`${import.meta.dirname}/wrong-answers/groups.sh`);
    expect((await diagnosisOf(checkpoint, script))?.message).toBeUndefined();
  });
}

/** What the exercise can do as it is. */
const done: ReadonlySet<string> = new Set(['refused', 'alone']);

for (const checkpoint of checkpoints) {
  const { id, sentence, needs } = checkpoint;
  const passes = done.has(id);
  const title = `the exercise as it is ${passes ? 'passes' : 'fails'}: ${sentence}`;
  check(title, { needs }, async () => {
    const exercise = subjectAt(`${import.meta.dirname}/exercise/run.ts`);
    const diagnosis = await diagnosisOf(checkpoint, exercise);
    if (passes) expect(diagnosis?.message).toBeUndefined();
    else expect(diagnosis).toBeDefined();
  });
}
