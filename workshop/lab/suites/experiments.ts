/**
 * The documented experiments of a chapter as vitest tests, as a reader starts them.
 *
 * - experimentTests({ folder, ids, files })  one test an experiment, and one that the list is whole
 * - outcomesOf(folder, words, before)        what its run.ts reports with `--json`
 * - judgeOutcome(context, folder, outcome)   NOT RUN with its reason, or it has to hold
 *
 * run.ts is a process of its own; one that cannot run on this machine is counted as NOT RUN. Every
 * experiment runs under the host guard already: that check is its last. Apart from experiment.ts
 * because it brings the test runner along.
 */
import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { basename } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect } from 'vitest';
import { check, type CheckContext } from '../check.ts';
import { ourSubject } from '../checkpoint/subject.ts';
import type { Outcome } from '../experiment/report.ts';

/** A guest boots slowly on a busy machine, and inside of one everything is slow. */
export const experimentsMs = 300_000 * Number(process.env['SLIPWAY_SLOW'] ?? 1);

export interface ExperimentTests {
  /** The chapter's folder. */
  readonly folder: string;
  /** All of them, in the order of the prose. */
  readonly ids: readonly string[];
  /** So many files hold them; undefined where a file holds several. */
  readonly files?: number;
}

export function experimentTests({ folder, ids, files }: ExperimentTests): void {
  check('the list names every experiment, in the order of the prose', async () => {
    const listed = await startExperiments(folder, ['--list']);
    expect(listed.map(line => line.split(' ')[0])).toEqual(ids);
    const numbered = readdirSync(`${folder}/experiments`).filter(name => /^\d+-/.test(name));
    if (files !== undefined) expect(numbered).toHaveLength(files);
  });

  describe('the experiment', () => {
    const outcomes = new Map<string, Outcome>();
    beforeAll(async () => {
      for (const one of await outcomesOf(folder, [])) outcomes.set(one.id, one);
    }, experimentsMs);
    for (const id of ids) {
      check(`${id} holds`, context => judgeOutcome(context, folder, outcomes.get(id)));
    }
  });
}

export async function outcomesOf(
  folder: string,
  words: readonly string[],
  before: readonly string[] = [],
): Promise<readonly Outcome[]> {
  const lines = await startExperiments(folder, ['--json', ...words], before);
  return lines.map((line): Outcome => JSON.parse(line));
}

/** NOT RUN needs a reason and a way out; everything else has to hold. */
export function judgeOutcome(
  context: CheckContext,
  folder: string,
  outcome: Outcome | undefined,
): void {
  if (outcome === undefined) throw new Error('run.ts printed no outcome for it');
  const { id, verdict, reason, command, checks } = outcome;
  if (verdict === 'NOT RUN') {
    expect(reason).not.toBe('');
    const again = `npx tsx chapters/${basename(folder)}/run.ts --only ${id}`;
    expect(command?.endsWith(again) === true ? again : command).toBe(again);
    context.skip(`NOT RUN: ${reason}`);
  }
  expect(checks.filter(({ holds }) => !holds)).toEqual([]);
  expect({ verdict, reason }).toEqual({ verdict: 'holds', reason: '' });
  // One of its own, beside the guard's.
  expect(checks.length).toBeGreaterThan(1);
}

/** `before` is what stands in front of the command, as `setpriv …`. */
async function startExperiments(
  folder: string,
  words: readonly string[],
  before: readonly string[] = [],
): Promise<readonly string[]> {
  const { command } = ourSubject(`${folder}/run.ts`);
  const [program = '', ...all] = [...before, ...command, ...words];
  const options = { cwd: folder, maxBuffer: 2 ** 24 };
  // An experiment that fails makes the status 1; what failed stands in its outcome.
  const { stdout } = await promisify(execFile)(program, all, options).catch((failure: unknown) => {
    const spoke = failure instanceof Error && 'stdout' in failure && failure.stdout !== '';
    if (spoke) return { stdout: String(failure.stdout) };
    throw failure;
  });
  return stdout.trim().split('\n');
}
