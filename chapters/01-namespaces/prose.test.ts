// What README.md shows is what a reader sees: every console block is typed into a real
// terminal, the code in it is that of the source, and the translation shows the same.

import { existsSync } from 'node:fs';
import { check } from '@slipway/lab/check.ts';
import { proseTests, translationTests } from '@slipway/lab/prose-tests.ts';

const prose = `${import.meta.dirname}/README.md`;
const translation = `${import.meta.dirname}/README.zh-CN.md`;

proseTests(prose);

if (existsSync(translation)) {
  translationTests(prose, translation);
} else {
  check('both languages show the same commands, outputs and code', context => {
    context.skip('NOT RUN: there is no README.zh-CN.md yet');
  });
}
