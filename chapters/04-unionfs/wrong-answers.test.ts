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
    'union',
    'whiteouts',
    'chain',
    'attributes',
    'own-layer',
    'init-layer',
    'commit',
    'removed',
  ]),
  other: { name: 'tar(1) and mount(8)', script: 'union.sh' },
});
