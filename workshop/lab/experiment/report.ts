/**
 * What a run of experiments tells, whoever listens: a person at a terminal, or a test.
 *
 * - Report     one method for each thing that happens, in the order in which it happens
 * - Outcome    what an experiment came to; the object that `--json` prints
 */
import type { Cell } from './layout.ts';

export type Verdict = 'holds' | 'fails' | 'NOT RUN';

export interface Check {
  /** The sentence that is put to the test. */
  readonly claim: string;
  readonly expected: string;
  readonly observed: string;
  readonly holds: boolean;
}

export interface Outcome {
  readonly id: string;
  readonly title: string;
  readonly verdict: Verdict;
  /** Why it failed or did not run; empty when it holds. */
  readonly reason: string;
  /** What to type to run it after all; only for NOT RUN. */
  readonly command?: string;
  readonly checks: readonly Check[];
}

export interface Heading {
  readonly number: number;
  readonly of: number;
  readonly id: string;
  readonly title: string;
}

/** Lines as they are; an object as labels and values; a list of objects as a table with a head. */
export type Shown =
  | string
  | readonly string[]
  | Readonly<Record<string, Cell>>
  | readonly Readonly<Record<string, Cell>>[];

export interface Report {
  opening(chapter: string, count: number): void;
  heading(heading: Heading): void;
  paragraph(text: string): void;
  command(text: string): void;
  output(text: string, exitCode: number): void;
  shown(facts: Shown): void;
  checked(check: Check): void;
  outcome(outcome: Outcome): void;
  closing(outcomes: readonly Outcome[]): void;
}
