/**
 * What is made from something else is fresh: exercises, and the code in the prose.
 *
 * - generated    the check
 *
 * A source from which nothing can be made (a hole that is never closed) is a finding, too.
 */
import { pending } from '../generated/pending.ts';
import type { Check } from './check.ts';

export const generated: Check = {
  name: 'generated',
  todo: 'npm run generate',
  run: root => {
    try {
      return pending(root).map(({ file, text, byHand }) => {
        if (text === undefined) return `${file}: nothing makes it any more`;
        return `${file} is not as its source says${byHand ? ', it was changed by hand' : ''}`;
      });
    } catch (error) {
      return [error instanceof Error ? error.message : String(error)];
    }
  },
};
