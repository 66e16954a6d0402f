/**
 * What a run of tests came to, as one value, and how it is put into words.
 *
 * - Outcome              counts, and the tests that did not run, each with its reason
 * - merge(outcomes)      several runs (vitest, Cargo) as one
 * - verdict(outcome)     whether the whole run may be called good, and why not
 * - closingLine(outcome) `N passed, N failed, N skipped`: always the last line, whatever happened
 *
 * Invariant: nothing is left out silently. A test that did not run and gave no reason has failed,
 * and a run in which no test was executed has failed too.
 */

export interface NotRun {
  readonly name: string;
  readonly reason: string;
}

export interface Outcome {
  readonly passed: number;
  readonly failed: number;
  readonly notRun: readonly NotRun[];
  /** What went wrong outside any test: a crash of the runner, a file that could not be loaded. */
  readonly broken: readonly string[];
}

export const nothing: Outcome = { passed: 0, failed: 0, notRun: [], broken: [] };

export function merge(outcomes: readonly Outcome[]): Outcome {
  return {
    passed: outcomes.reduce((sum, one) => sum + one.passed, 0),
    failed: outcomes.reduce((sum, one) => sum + one.failed, 0),
    notRun: outcomes.flatMap(one => one.notRun),
    broken: outcomes.flatMap(one => one.broken),
  };
}

/** @returns the reasons why the run is not good: none when it is. */
export function verdict(outcome: Outcome): readonly string[] {
  const reasons = [...outcome.broken];
  if (outcome.failed > 0) reasons.push(`${outcome.failed} failed`);
  if (outcome.passed + outcome.failed === 0) reasons.push('no test was executed');
  return reasons;
}

export function closingLine(outcome: Outcome): string {
  return `${outcome.passed} passed, ${outcome.failed} failed, ${outcome.notRun.length} skipped`;
}
