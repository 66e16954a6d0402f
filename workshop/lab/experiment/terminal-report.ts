/**
 * An experiment as a person sees it: a title rule, narration, the commands and what they printed,
 * and for each claim three aligned lines: expected, observed, verdict. A table of all at the end.
 *
 * - terminalReport(screen)    a Report that writes there
 * - standardScreen()          standard output: its width (88 at most), and colour where it is
 *                             wanted
 *
 * Invariant: with colour off the text is the same, so nothing is said by colour alone.
 * Sources: no-color.org.
 */
import { Chalk, type ChalkInstance } from 'chalk';
import { columns, hang, wrap } from './layout.ts';
import type { Check, Heading, Outcome, Report, Shown, Verdict } from './report.ts';

export interface Screen {
  readonly width: number;
  readonly color: boolean;
  write(text: string): void;
}

export function standardScreen(): Screen {
  const { stdout, env } = process;
  // Whoever reads through `head` has seen enough; the experiments still end in order.
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
  const forced = env.FORCE_COLOR !== undefined && env.FORCE_COLOR !== '0';
  const refused = (env.NO_COLOR ?? '') !== '' || env.TERM === 'dumb';
  return {
    width: Math.max(40, Math.min(88, stdout.columns ?? 88)),
    color: !refused && (forced || stdout.isTTY),
    write: text => stdout.write(text),
  };
}

export function terminalReport(screen: Screen): Report {
  const paint = new Chalk({ level: screen.color ? 1 : 0 });
  const print = (lines: readonly string[]): void =>
    screen.write(lines.map(line => `${line.trimEnd()}\n`).join(''));
  const inside = screen.width - 2;
  return {
    opening: (chapter, count) => {
      const [number, ...words] = chapter.split('-');
      const amount = count === 1 ? '1 experiment' : `${count} experiments`;
      print([
        '',
        `  ${paint.bold(`Chapter ${number} · ${words.join(' ')}`)}  ${paint.dim(amount)}`,
        '',
      ]);
    },
    heading: heading => print([ruled(heading, screen.width, paint), '']),
    paragraph: text => print([...indent(wrap(text, inside - 2), 2), '']),
    command: text =>
      print(
        text
          .split('\n')
          .map((line, at) => `  ${paint.cyan(at === 0 ? '$' : '>')} ${paint.bold(line)}`),
      ),
    output: (text, exitCode) => {
      const lines = text === '' ? [] : text.replace(/\n$/, '').split('\n');
      const ending = exitCode === 0 ? [] : [paint.dim(`(exit status ${exitCode})`)];
      print([...indent([...lines, ...ending], 4), '']);
    },
    shown: facts => print([...indent(shownLines(facts, paint), 4), '']),
    checked: check => print([...checkLines(check, inside, paint), '']),
    outcome: outcome => print(outcomeLines(outcome, inside, paint)),
    closing: outcomes => {
      if (outcomes.length > 1) print(summaryLines(outcomes, screen.width, paint));
    },
  };
}

function indent(lines: readonly string[], by: number): string[] {
  return lines.map(line => ' '.repeat(by) + line);
}

/** `━━ 2/7  A title ━━━━━━━━━━━━━━ id ━━`, exactly as wide as the screen where the title allows. */
function ruled({ number, of, title, id }: Heading, width: number, paint: ChalkInstance): string {
  const count = `${number}/${of}`;
  const used = `━━ ${count}  ${title}   ${id} ━━`.length;
  const rule = '━'.repeat(Math.max(2, width - used));
  const [bar, right] = [paint.blue('━━'), `${paint.dim(id)} ${paint.blue('━━')}`];
  return `${bar} ${paint.dim(count)}  ${paint.bold(title)} ${paint.blue(rule)} ${right}`;
}

function colored(verdict: Verdict, paint: ChalkInstance): string {
  if (verdict === 'holds') return paint.green(verdict);
  return verdict === 'fails' ? paint.red.bold(verdict) : paint.yellow(verdict);
}

function checkLines(check: Check, width: number, paint: ChalkInstance): string[] {
  const { claim, expected, observed, holds } = check;
  const mark = holds ? paint.green('✔') : paint.red('✘');
  const row = (label: string, text: string): string[] => {
    const lines = hang(`    ${label.padEnd(10)}`, text, width);
    return lines.map((line, at) => (at === 0 ? line.replace(label, paint.dim(label)) : line));
  };
  return [
    ...hang('  ', claim, width).map((line, at) =>
      at === 0 ? `  ${mark} ${paint.bold(line.trim())}` : `    ${paint.bold(line.trim())}`,
    ),
    ...row('expected', expected),
    ...row('observed', observed),
    `    ${paint.dim('verdict'.padEnd(10))}${colored(holds ? 'holds' : 'fails', paint)}`,
  ];
}

function outcomeLines(outcome: Outcome, width: number, paint: ChalkInstance): string[] {
  const { verdict, reason, command } = outcome;
  if (verdict === 'holds') return [];
  const word = colored(verdict, paint);
  const label = `  ${verdict}  `;
  const lines = hang(label, reason, width).map((line, at) =>
    at === 0 ? line.replace(verdict, word) : line,
  );
  const how = command === undefined ? [] : [`${' '.repeat(label.length)}${command}`];
  return [...lines, ...how, ''];
}

function summaryLines(outcomes: readonly Outcome[], width: number, paint: ChalkInstance): string[] {
  const rows = columns(
    outcomes.map(({ id, title, verdict, checks }, at) => {
      const held = checks.filter(check => check.holds).length;
      const figure = verdict === 'NOT RUN' ? '' : `${held} of ${checks.length}`;
      return [at + 1, id, title, verdict, figure];
    }),
  );
  const lines = rows.flatMap((row, at) => {
    const outcome = outcomes[at];
    if (outcome === undefined) return [];
    const { verdict, reason } = outcome;
    const line = `  ${replaceLast(row, verdict, colored(verdict, paint))}`;
    const why = reason === '' ? [] : hang('     ', reason, width - 2).map(text => paint.dim(text));
    return [line, ...why];
  });
  const heading = `━━ Summary ${'━'.repeat(Math.max(2, width - 11))}`;
  return [paint.blue(heading), '', ...lines, '', `  ${totals(outcomes)}`, ''];
}

function replaceLast(text: string, word: string, by: string): string {
  const at = text.lastIndexOf(word);
  return text.slice(0, at) + by + text.slice(at + word.length);
}

function totals(outcomes: readonly Outcome[]): string {
  const count = (verdict: Verdict): number =>
    outcomes.filter(one => one.verdict === verdict).length;
  const [holds, fails, notRun] = [count('holds'), count('fails'), count('NOT RUN')];
  return [
    `${holds} ${holds === 1 ? 'holds' : 'hold'}`,
    `${fails} ${fails === 1 ? 'fails' : 'fail'}`,
    `${notRun} NOT RUN`,
  ].join(', ');
}

function shownLines(facts: Shown, paint: ChalkInstance): string[] {
  if (typeof facts === 'string') return facts.split('\n');
  if (!Array.isArray(facts)) return columns(Object.entries(facts));
  const records = facts.filter(fact => typeof fact === 'object');
  if (records.length === 0) return facts.map(String);
  const heads = [...new Set(records.flatMap(record => Object.keys(record)))];
  const cells = records.map(row => heads.map(key => row[key]));
  const [head = '', ...rows] = columns(cells, heads);
  return [paint.dim(head), ...rows];
}
