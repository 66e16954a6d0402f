/**
 * The checkpoints of chapter 06, put to SUBJECT or to this chapter's own run.ts.
 *
 *     SUBJECT=exercise/run.ts npm test
 */
import { check } from '@slipway/lab/check.ts';
import { subjectFrom } from '@slipway/lab/checkpoint.ts';
import { checkpoints } from './checkpoints.ts';

const subject = subjectFrom(process.env, `${import.meta.dirname}/run.ts`);

for (const { sentence, needs, examine } of checkpoints) {
  check(sentence, { needs }, () => examine(subject));
}
