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
    'packed',
    'own-root',
    'read-only',
    'own-dev',
    'kernel-hidden',
    'archive',
    'hostile-archive',
  ]),
  other: { name: 'mount(8) and pivot_root(8)', script: 'pivot.sh' },
});
