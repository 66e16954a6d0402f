/**
 * Runs vitest for a part of the tree, in a process of its own, and reads what came of it.
 *
 * - runVitest(root, scopes, flags)   an Outcome; a vitest that dies is an outcome too
 *
 * A scope is a file or a folder, relative to the root. No scope: everything.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { giveBack } from '../setup/owner.mjs';
import { nothing, type Outcome } from './outcome.ts';

export function runVitest(
  root: string,
  scopes: readonly string[],
  flags: readonly string[],
  output: 'shown' | 'hidden' = 'shown',
): Outcome {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-tests-'));
  try {
    const file = join(folder, 'outcome.json');
    const program = join(root, 'node_modules', 'vitest', 'vitest.mjs');
    const filters = scopes.map(scope => asFilter(resolve(root, scope)));
    const result = spawnSync(process.execPath, [program, 'run', ...filters, ...flags], {
      cwd: root,
      env: { ...process.env, ...subject(), SLIPWAY_OUTCOME: file },
      // One stream, so that an error stands under its sentence also in a file.
      stdio: output === 'shown' ? ['ignore', 1, 1] : 'ignore',
    });
    return readOutcome(file, result.status, result.signal);
  } finally {
    rmSync(folder, { recursive: true });
    giveBack(root);
  }
}

/** SUBJECT is meant from where the reader stands; the tests run at the root. */
function subject(): NodeJS.ProcessEnv {
  const { SUBJECT, INIT_CWD } = process.env;
  return SUBJECT === undefined ? {} : { SUBJECT: resolve(INIT_CWD ?? '.', SUBJECT) };
}

/** vitest's filter is a part of a path: a folder needs its slash, or `a` would also mean `ab`. */
function asFilter(path: string): string {
  return existsSync(path) && statSync(path).isDirectory() ? `${path}/` : path;
}

function readOutcome(file: string, status: number | null, signal: string | null): Outcome {
  const died = `vitest ended with ${signal ?? `status ${status}`}`;
  if (!existsSync(file)) return { ...nothing, broken: [`${died} before its tests were over`] };
  const outcome = JSON.parse(readFileSync(file, 'utf8')) as Outcome;
  const good = outcome.failed === 0 && outcome.broken.length === 0;
  // A status that the counts do not explain must not get lost.
  if (status === 0 || !good || outcome.passed === 0) return outcome;
  return { ...outcome, broken: [died] };
}
