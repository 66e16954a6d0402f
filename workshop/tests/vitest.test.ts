/**
 * The runner is run on small trees that were made to fail, each in its own way.
 *
 * A tree is a temporary folder with our configuration and our reporter, and one planted test file.
 */
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../setup/tools.mjs';
import { verdict, type Outcome } from './outcome.ts';
import { runVitest } from './vitest.ts';

function outcomeOf(...lines: readonly string[]): Outcome {
  const tree = mkdtempSync(join(tmpdir(), 'slipway-planted-'));
  try {
    for (const name of ['node_modules', 'workshop', 'vitest.config.ts', 'tsconfig.json']) {
      symlinkSync(join(root, name), join(tree, name));
    }
    const source = [`import { expect, test } from 'vitest';`, ...lines].join('\n');
    writeFileSync(join(tree, 'planted.test.ts'), source);
    return runVitest(tree, ['planted.test.ts'], [], 'hidden');
  } finally {
    rmSync(tree, { recursive: true });
  }
}

test('a passing test makes a good run', () => {
  const outcome = outcomeOf(`test('adds', () => expect(1 + 1).toBe(2));`);
  expect(outcome).toEqual({ passed: 1, failed: 0, notRun: [], broken: [] });
});

test('a failing test is counted', () => {
  const outcome = outcomeOf(`test('adds', () => expect(1 + 1).toBe(3));`);
  expect(outcome).toMatchObject({ passed: 0, failed: 1 });
});

test('a test that cannot run is reported with its reason', () => {
  const outcome = outcomeOf(
    `test('adds', () => expect(1).toBe(1));`,
    `test('needs more', ctx => ctx.skip('NOT RUN: no tape drive'));`,
  );
  expect(outcome.notRun).toEqual([
    { name: 'planted.test.ts > needs more', reason: 'no tape drive' },
  ]);
  expect(verdict(outcome)).toEqual([]);
});

test('a test that is skipped without a reason fails the run', () => {
  const outcome = outcomeOf(
    `test('adds', () => expect(1).toBe(1));`,
    `test.skip('is forgotten', () => expect(1).toBe(2));`,
  );
  expect(verdict(outcome)).toEqual(['skipped without a reason: planted.test.ts > is forgotten']);
});

test('a file that cannot be loaded fails the run', () => {
  const outcome = outcomeOf(`throw new Error('no such luck');`);
  expect(verdict(outcome)[0]).toBe('planted.test.ts failed outside its tests');
});

test('an error that no test waits for fails the run', () => {
  const outcome = outcomeOf(
    `test('adds', () => {`,
    `  void Promise.reject(new Error('nobody waits for me'));`,
    `  expect(1).toBe(1);`,
    `});`,
  );
  expect(verdict(outcome)).toEqual(['an error outside any test: nobody waits for me']);
});

test('a runner that is killed in the middle fails the run', () => {
  const outcome = outcomeOf(`test('kills', () => { process.kill(process.ppid, 'SIGKILL'); });`);
  expect(verdict(outcome)).not.toEqual([]);
});

test('a forgotten `.only` fails the run', () => {
  const outcome = outcomeOf(`test.only('alone', () => expect(1).toBe(1));`);
  expect(verdict(outcome)).not.toEqual([]);
});
