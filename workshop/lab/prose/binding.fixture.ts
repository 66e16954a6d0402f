/**
 * What suites/prose.test.ts has run by a test runner of its own.
 *
 * The document comes from the environment, because the runner is told of files only.
 */
import { proseTests, translationTests } from '../suites/prose.ts';

const file = process.env['SLIPWAY_PROSE_FIXTURE'] ?? '';
proseTests(file);
translationTests(file, file);
