/**
 * What the README shows is what a reader gets: its commands run, in both languages the same.
 */
import { proseTests, translationTests } from '@slipway/lab/suites/prose.ts';

const root = `${import.meta.dirname}/..`;

proseTests(`${root}/README.md`);
translationTests(`${root}/README.md`, `${root}/README.zh-CN.md`);
