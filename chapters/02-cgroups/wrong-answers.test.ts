/**
 * The tests of the tests: every typical mistake is seen by the checkpoint that is there for it,
 * and gets its own diagnosis.
 */
import { wrongAnswerTests } from '@slipway/lab/suites/wrong-answers.ts';
import { checkpoints } from './checkpoints.ts';
import { thisMachine } from './container/run-limited.ts';
import { wrongAnswers } from './wrong-answers.ts';

wrongAnswerTests({
  folder: import.meta.dirname,
  checkpoints,
  wrongAnswers,
  // What the exercise cannot do yet.
  open: new Set(
    checkpoints.map(({ id }) => id).filter(id => id !== 'refused' && id !== 'alone'),
  ),
  other: { name: 'mkdir and echo', script: 'groups.sh', not: 'proc-view' },
  skip: ({ diagnosis }) =>
    diagnosis === 'swap-unlimited' && !thisMachine().countsSwap
      ? 'this kernel does not count swap (swapaccount=1)'
      : undefined,
});
