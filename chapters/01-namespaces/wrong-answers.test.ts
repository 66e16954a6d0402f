/**
 * The tests of the tests: every typical mistake is seen by the checkpoint that is there for it,
 * and gets its own diagnosis.
 */
import { wrongAnswerTests } from '@slipway/lab/suites/wrong-answers.ts';
import { checkpoints } from './checkpoints.ts';
import { wrongAnswers } from './wrong-answers.ts';

wrongAnswerTests({
  folder: import.meta.dirname,
  checkpoints,
  wrongAnswers,
  // What the exercise cannot do yet.
  open: new Set([
    'own-proc',
    'exit-status',
    'ordinary-user',
    'root-inside-only',
    'enter',
  ]),
  other: {
    name: 'unshare(1) and nsenter(1)',
    script: 'unshare.sh',
    not: 'root-inside-only',
  },
});
