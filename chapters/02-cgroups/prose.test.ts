// What README.md shows is what a reader sees: every console block is typed into a real
// terminal, the code in it is that of the source, and the translation shows the same.

import { proseTests, translationTests } from '@slipway/lab/suites/prose.ts';

const prose = `${import.meta.dirname}/README.md`;

proseTests(prose);
translationTests(prose, `${import.meta.dirname}/README.zh-CN.md`);
