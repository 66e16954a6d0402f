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
    'bound',
    'one-file',
    'read-only-volume',
    'frozen-root',
    'nested',
    'private',
    'copy-up',
    'in-use',
    'volumes-from',
    'memory',
    'bad-input',
  ]),
  other: { name: 'mount(8) and flock(1)', script: 'bind.sh' },
});
