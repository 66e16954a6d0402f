// The documented experiments as a reader starts them: run.ts, in a process of its own.
//
// All of them run once, as root. Each is a test here, so that one which cannot run on
// this machine is counted as NOT RUN with its own reason. Every experiment runs under
// the host guard already; that check is its last.

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { beforeAll, describe, expect } from 'vitest';
import type { Outcome } from '@slipway/lab';
import { check, type CheckContext } from '@slipway/lab/check.ts';

const folder = import.meta.dirname;
const run = `${folder}/run.ts`;
const timeoutMs = 300_000;

const ids = [
  'textbook',
  ...['limitation', 'shares', 'block-io', 'accounting', 'control'],
  ...[
    'devices',
    'cpuset',
    'cpu',
    'cpuacct',
    'memory',
    'freezer',
    'net-cls',
    'net-prio',
  ],
  ...['hugetlb', 'perf-event', 'blkio', 'pids', 'rdma', 'misc'],
  ...['host-shown', 'repaired', 'signals', 'zombies', 'together', 'no-window'],
];

check('the list names every experiment, in the order of the prose', async () => {
  const listed = (await start(['--list'])).map(line => line.split(' ')[0]);
  expect(listed).toEqual(ids);
});

describe('the experiment', () => {
  const outcomes = new Map<string, Outcome>();
  beforeAll(async () => {
    for (const line of await start(['--json'])) {
      const outcome: Outcome = JSON.parse(line);
      outcomes.set(outcome.id, outcome);
    }
  }, timeoutMs);

  for (const id of ids)
    check(`${id} holds`, context => judge(context, outcomes.get(id)));
});

/** NOT RUN needs a reason and a way out; everything else has to hold. */
function judge(context: CheckContext, outcome: Outcome | undefined): void {
  if (outcome === undefined) throw new Error('run.ts printed no outcome for it');
  const { verdict, reason, command, checks } = outcome;
  if (verdict === 'NOT RUN') {
    expect(reason).not.toBe('');
    expect(command).toMatch(/npx tsx chapters\/02-cgroups\/run\.ts --only [\w-]+$/);
    context.skip(`NOT RUN: ${reason}`);
  }
  expect(checks.filter(({ holds }) => !holds)).toEqual([]);
  expect({ verdict, reason }).toEqual({ verdict: 'holds', reason: '' });
  // One of its own, beside the guard's.
  expect(checks.length).toBeGreaterThan(1);
}

/** The lines that run.ts prints. */
async function start(words: readonly string[]): Promise<readonly string[]> {
  const args = ['--import', 'tsx', run, ...words];
  const options = { cwd: `${folder}/../..`, maxBuffer: 2 ** 24 };
  // An experiment that fails makes the status 1; what failed stands in its outcome.
  const { stdout } = await promisify(execFile)(process.execPath, args, options).catch(
    (failure: unknown) => {
      const spoke =
        failure instanceof Error && 'stdout' in failure && failure.stdout !== '';
      if (spoke) return { stdout: String(failure.stdout) };
      throw failure;
    },
  );
  return stdout.trim().split('\n');
}
