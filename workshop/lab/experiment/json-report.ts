/**
 * `--json`: one object an experiment, one a line, written when the experiment ends. For tests.
 */
import type { Report } from './report.ts';

export function jsonReport(write: (text: string) => void): Report {
  const nothing = (): void => {};
  return {
    opening: nothing,
    heading: nothing,
    paragraph: nothing,
    command: nothing,
    output: nothing,
    shown: nothing,
    checked: nothing,
    closing: nothing,
    outcome: outcome => write(`${JSON.stringify(outcome)}\n`),
  };
}
