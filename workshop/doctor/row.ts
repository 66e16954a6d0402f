/**
 * One line of the doctor's report, and how the lines are printed.
 *
 * - Row            a mark, a name, a fact, and what to do when it is not well
 * - must / should  a row from a fact and a reason: without a reason it is ok, else MISS or warn
 * - printed(row)   the line
 * - verdict(rows)  the exit status: 1 when a must-have is missing
 */
export interface Row {
  readonly mark: 'ok' | 'warn' | 'MISS';
  readonly name: string;
  readonly fact: string;
}

/** A must-have: without it the first chapter does not run. */
export function must(name: string, fact: string, reason: string | undefined): Row {
  return reason === undefined ? { mark: 'ok', name, fact } : { mark: 'MISS', name, fact: reason };
}

/** What some experiments need: without it they say NOT RUN. */
export function should(name: string, fact: string, reason: string | undefined): Row {
  return { ...must(name, fact, reason), mark: reason === undefined ? 'ok' : 'warn' };
}

export function printed({ mark, name, fact }: Row): string {
  // A reason is "what is missing (details): what to do"; the arrow makes the last part stand out.
  const text = mark === 'ok' ? fact : fact.replace(/: (?=[^:]*$)(?![^(]*\))/, ' -> ');
  return `${mark.padEnd(4)}  ${name.padEnd(22)}  ${text}`;
}

export function verdict(rows: readonly Row[]): 0 | 1 {
  return rows.some(row => row.mark === 'MISS') ? 1 : 0;
}
