/**
 * What a run of tests came to, as one value, and how it is put into words.
 *
 * - Outcome              counts, and the tests that did not run, each with its reason
 * - merge(outcomes)      several runs (vitest, Cargo) as one
 * - verdict(outcome)     whether the whole run may be called good, and why not
 * - closeRun(outcome)    prints the section NOT RUN, the reasons, the line; the exit status
 * - closingLine(outcome) `N passed, N failed, N skipped`: always the last line, whatever happened;
 *                        each thing that broke outside a test counts as one that failed
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

function allBroken({ passed, failed, broken }: Outcome): readonly string[] {
  return passed + failed > 0 ? broken : [...broken, 'no test was executed'];
}

/** @returns the reasons why the run is not good: none when it is. */
export function verdict(outcome: Outcome): readonly string[] {
  const failures = outcome.failed > 0 ? [`${outcome.failed} failed`] : [];
  return [...allBroken(outcome), ...failures];
}

export function closingLine(outcome: Outcome): string {
  const failed = outcome.failed + allBroken(outcome).length;
  return `${outcome.passed} passed, ${failed} failed, ${outcome.notRun.length} skipped`;
}

export function closeRun(outcome: Outcome, print: (line: string) => void): 0 | 1 {
  if (outcome.notRun.length > 0) print('\nNOT RUN');
  for (const [reason, tests] of Map.groupBy(outcome.notRun, one => one.reason)) {
    print(`  ${reason}`);
    for (const one of tests) print(`      ${one.name}`);
  }
  print('');
  const reasons = verdict(outcome);
  for (const reason of reasons) print(`not good: ${reason}`);
  print(closingLine(outcome));
  return reasons.length === 0 ? 0 : 1;
}
