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
    'own-network',
    'connected',
    'pool',
    'published',
    'outwards',
    'isolated',
    'overlap',
    'long-answer',
  ]),
  other: { name: 'ip(8) and nft(8)', script: 'cable.sh', not: 'long-answer' },
});
