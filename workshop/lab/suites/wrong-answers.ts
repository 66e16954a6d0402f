/**
 * The tests of a chapter's tests: what its checkpoints say of programs that are known to be wrong.
 *
 * - wrongAnswerTests(chapter)   each mistake is seen by the checkpoint that is there for it, and
 *                               gets its own diagnosis; the exercise fails what it has to; a right
 *                               program that is written quite differently passes
 *
 * Apart from checkpoint.ts because it brings the test runner along.
 */
import { expect, test } from 'vitest';
import { check, type CheckContext } from '../check.ts';
import {
  diagnosisOf,
  ourSubject,
  subjectAt,
  type Checkpoint,
  type WrongAnswer,
} from '../checkpoint.ts';
import type { Requirement } from '../requires.ts';

type Answer = WrongAnswer & { readonly needs?: readonly Requirement[] };

export interface WrongAnswerTests {
  readonly folder: string;
  readonly checkpoints: readonly Checkpoint[];
  readonly wrongAnswers: readonly Answer[];
  /** The checkpoints that the exercise fails as it is; it passes all others. */
  readonly open: ReadonlySet<string>;
  /** Checkpoints that no wrong answer fails: they are there for programs of one's own. */
  readonly unfailed?: ReadonlySet<string>;
  /** A right program made of other tools, and the checkpoints that it cannot pass. */
  readonly other?: { readonly name: string; readonly script: string; readonly not?: string };
  /** Why this answer cannot be tried here, beyond what it needs. */
  readonly skip?: (answer: Answer) => string | undefined;
}

export function wrongAnswerTests(chapter: WrongAnswerTests): void {
  const { checkpoints, wrongAnswers, unfailed = new Set() } = chapter;
  for (const answer of wrongAnswers) rejected(answer, chapter);
  test('every checkpoint is failed by some wrong answer', () => {
    const failed = new Set(wrongAnswers.map(({ checkpoint }) => checkpoint));
    const passed = checkpoints.map(({ id }) => id).filter(id => !failed.has(id));
    expect(new Set(passed)).toEqual(unfailed);
  });
  if (chapter.other !== undefined) otherPasses(chapter.other, chapter);
  for (const checkpoint of checkpoints) exerciseAsItIs(checkpoint, chapter);
}

function rejected(answer: Answer, { checkpoints, skip }: WrongAnswerTests): void {
  const checkpoint = checkpoints.find(({ id }) => id === answer.checkpoint);
  const needs = [...(checkpoint?.needs ?? []), ...(answer.needs ?? [])];
  const body = async (context: CheckContext): Promise<void> => {
    if (checkpoint === undefined) throw new Error(`no checkpoint ${answer.checkpoint}`);
    const reason = skip?.(answer);
    if (reason !== undefined) context.skip(`NOT RUN: ${reason}`);
    await using subject = await answer.make();
    const diagnosis = await diagnosisOf(checkpoint, subject);
    const given = diagnosis && `${diagnosis.id}: ${diagnosis.message}`;
    expect(given).toMatch(new RegExp(`^${answer.diagnosis}: `));
  };
  check(`rejected: ${answer.mistake} (${answer.diagnosis})`, { needs }, body);
}

function otherPasses(
  { name, script, not }: NonNullable<WrongAnswerTests['other']>,
  { folder, checkpoints }: WrongAnswerTests,
): void {
  for (const checkpoint of checkpoints.filter(({ id }) => id !== not)) {
    const { sentence, needs } = checkpoint;
    check(`${name} pass: ${sentence}`, { needs }, async () => {
      const subject = subjectAt(`${folder}/wrong-answers/${script}`);
      expect((await diagnosisOf(checkpoint, subject))?.message).toBeUndefined();
    });
  }
}

function exerciseAsItIs(checkpoint: Checkpoint, { folder, open }: WrongAnswerTests): void {
  const { id, sentence, needs } = checkpoint;
  const fails = open.has(id);
  const title = `the exercise as it is ${fails ? 'fails' : 'passes'}: ${sentence}`;
  check(title, { needs }, async () => {
    const diagnosis = await diagnosisOf(checkpoint, ourSubject(`${folder}/exercise/run.ts`));
    if (fails) expect(diagnosis).toBeDefined();
    else expect(diagnosis?.message).toBeUndefined();
  });
}
