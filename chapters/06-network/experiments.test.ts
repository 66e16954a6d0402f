// The documented experiments as a reader starts them: run.ts, in a process of its own.
//
// Each is one test here, so that one which cannot run on this machine is counted as
// NOT RUN with its own reason.

import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { promisify } from 'node:util';
import { describe, expect } from 'vitest';
import { check, type CheckContext } from '@slipway/lab/check.ts';
import type { Outcome } from '@slipway/lab';

const folder = import.meta.dirname;
const run = `${folder}/run.ts`;
/** A guest is slow. */
const timeoutMs = 300_000;

const ids = [
  ...['empty', 'cable', 'bridge', 'pool', 'masquerade'],
  ...['publish', 'firewall', 'names', 'modes', 'frames'],
];

async function start(words: readonly string[]): Promise<string> {
  const options = { cwd: folder, maxBuffer: 2 ** 24 };
  const args = ['--import', 'tsx', run, ...words];
  // An experiment that fails makes the status 1; what failed stands in its outcome.
  const { stdout } = await promisify(execFile)(process.execPath, args, options).catch(
    (failure: unknown) => {
      if (failure instanceof Error && 'stdout' in failure) {
        return { stdout: String(failure.stdout) };
      }
      throw failure;
    },
  );
  return stdout;
}

/** NOT RUN needs a reason and a way out; everything else has to hold. */
function judge(context: CheckContext, outcome: Outcome): void {
  const { verdict, reason, command, checks } = outcome;
  if (verdict === 'NOT RUN') {
    expect(reason).not.toBe('');
    expect(command).toMatch(/npx tsx chapters\/06-network\/run\.ts --only \w+$/);
    context.skip(`NOT RUN: ${reason}`);
  }
  expect({ verdict, reason }).toEqual({ verdict: 'holds', reason: '' });
  // The last check is the host guard's own.
  expect(checks.length).toBeGreaterThan(1);
}

check('the list names every experiment, in the order of the prose', async () => {
  const listed = (await start(['--list'])).trim().split('\n');
  expect(listed.map(line => line.split(' ')[0])).toEqual(ids);
  const files = readdirSync(`${folder}/experiments`).filter(name => /^\d+-/.test(name));
  expect(files).toHaveLength(ids.length);
});

describe('the experiment', () => {
  for (const id of ids) {
    check(`${id} holds`, { guard: true, timeoutMs }, async context => {
      const text = await start(['--only', id, '--json']);
      judge(context, JSON.parse(text) as Outcome);
    });
  }
});
