/**
 * The tests of the tests: every typical mistake is seen by the checkpoint that is there
 * for it, and gets its own diagnosis; the exercise as it is fails what it has to.
 */
import { check } from '@slipway/lab/check.ts';
import { diagnosisOf, subjectAt } from '@slipway/lab/checkpoint.ts';
import { expect, test } from 'vitest';
import { checkpoints } from './checkpoints.ts';
import { wrongAnswers } from './wrong-answers.ts';

for (const answer of wrongAnswers) {
  const checkpoint = checkpoints.find(({ id }) => id === answer.checkpoint);
  const needs = checkpoint?.needs ?? [];
  check(`rejected: ${answer.mistake} (${answer.diagnosis})`, { needs }, async () => {
    if (checkpoint === undefined) throw new Error(`no checkpoint ${answer.checkpoint}`);
    await using subject = await answer.make();
    const diagnosis = await diagnosisOf(checkpoint, subject);
    const given = diagnosis && `${diagnosis.id}: ${diagnosis.message}`;
    expect(given).toMatch(new RegExp(`^${answer.diagnosis}: `));
  });
}

test('every checkpoint is failed by some wrong answer', () => {
  const failed = new Set(wrongAnswers.map(answer => answer.checkpoint));
  expect(checkpoints.map(({ id }) => id).filter(id => !failed.has(id))).toEqual([]);
});

/** What the exercise cannot do yet; all the other checkpoints it passes as it is. */
const open: ReadonlySet<string> = new Set([
  ...['own-network', 'connected', 'pool', 'published', 'outwards', 'isolated'],
  ...['overlap', 'long-answer'],
]);

for (const checkpoint of checkpoints) {
  const { id, sentence, needs } = checkpoint;
  const fails = open.has(id);
  const title = `the exercise as it is ${fails ? 'fails' : 'passes'}: ${sentence}`;
  check(title, { needs }, async () => {
    const exercise = subjectAt(`${import.meta.dirname}/exercise/run.ts`);
    const diagnosis = await diagnosisOf(checkpoint, exercise);
    if (fails) expect(diagnosis).toBeDefined();
    else expect(diagnosis?.message).toBeUndefined();
  });
}
