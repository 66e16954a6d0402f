/**
 * The experiments of a chapter: the frame of every run.ts.
 *
 * - experiment(id, title, needs, body)                  one of them
 * - runExperiments({ chapter, experiments, argv })      runs them; → the exit status
 *
 * Flags: `--list` names them, `--only ID` (repeatable) chooses, `--json` prints one object each.
 * Exit status: 0 unless a verdict is `fails` (then 1), 2 for wrong flags, 130 after Ctrl-C.
 *
 * Life of one:  needs met? → snapshot → body → release what is held → host as it was? → verdict.
 * Invariant: an experiment that leaves the host changed fails and names the object; one that
 * checks nothing fails too; one whose needs are not met says NOT RUN, why, and what to type.
 */
import { parseArgs } from 'node:util';
import { changesSince, guardMark, sentence, snapshot, type HostState } from './guard.ts';
import { record, settle, undoAll } from './ledger.ts';
import { selfIdentity } from './proc/processes.ts';
import { firstUnmet, probe, type Probe, type Requirement } from './requires.ts';
import { untilInterrupted } from './experiment/interruption.ts';
import { jsonReport } from './experiment/json-report.ts';
import { NotRun, openLab, type Lab } from './experiment/lab.ts';
import type { Check, Outcome, Report } from './experiment/report.ts';
import { standardScreen, terminalReport, type Screen } from './experiment/terminal-report.ts';

export interface Experiment {
  readonly id: string;
  readonly title: string;
  readonly needs: readonly Requirement[];
  readonly body: (lab: Lab) => Promise<void>;
}

export interface ExperimentRun {
  /** The chapter's folder under chapters/, such as `01-namespaces`. */
  readonly chapter: string;
  readonly experiments: readonly Experiment[];
  readonly argv: readonly string[];
  /** Where to print; standard output unless a test looks. */
  readonly screen?: Screen;
}

export function experiment(
  id: string,
  title: string,
  needs: readonly Requirement[],
  body: (lab: Lab) => Promise<void>,
): Experiment {
  return { id, title, needs, body };
}

export async function runExperiments(run: ExperimentRun): Promise<number> {
  const { chapter, experiments, screen = standardScreen() } = run;
  const flags = readFlags(run);
  if (typeof flags === 'string') {
    process.stderr.write(`${chapter}: ${flags}\n`);
    return 2;
  }
  if (flags.list) {
    for (const { id, title } of experiments) screen.write(`${id.padEnd(16)} ${title}\n`);
    return 0;
  }
  const report = flags.json ? jsonReport(text => screen.write(text)) : terminalReport(screen);
  report.opening(chapter, flags.chosen.length);
  const outcomes: Outcome[] = [];
  const asked = probe();
  using interruption = untilInterrupted();
  for (const [at, one] of flags.chosen.entries()) {
    report.heading({ number: at + 1, of: flags.chosen.length, id: one.id, title: one.title });
    const outcome =
      notRun(one, chapter, asked) ??
      (await conducted(one, chapter, report, interruption.signalled));
    report.outcome(outcome);
    outcomes.push(outcome);
    if (interruption.status !== undefined) return interruption.status;
  }
  report.closing(outcomes);
  return outcomes.some(({ verdict }) => verdict === 'fails') ? 1 : 0;
}

interface Flags {
  readonly json: boolean;
  readonly list: boolean;
  readonly chosen: readonly Experiment[];
}

/** A string is what is wrong with them. */
function readFlags({ experiments, argv }: ExperimentRun): Flags | string {
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: {
        json: { type: 'boolean', default: false },
        list: { type: 'boolean', default: false },
        only: { type: 'string', multiple: true, default: [] },
      },
    });
    const unknown = values.only.find(id => experiments.every(one => one.id !== id));
    const ids = experiments.map(({ id }) => id);
    if (unknown !== undefined) return `no experiment "${unknown}": there are ${ids.join(', ')}`;
    const chosen = experiments.filter(({ id }) => values.only.includes(id));
    return { ...values, chosen: values.only.length === 0 ? experiments : chosen };
  } catch (cause) {
    return cause instanceof Error ? cause.message : String(cause);
  }
}

function notRun(
  { id, title, needs }: Experiment,
  chapter: string,
  asked: Probe,
): Outcome | undefined {
  const reason = firstUnmet(needs, asked);
  if (reason === undefined) return undefined;
  const command = commandFor(id, needs, chapter);
  return { id, title, verdict: 'NOT RUN', reason, command, checks: [] };
}

function commandFor(id: string, needs: readonly Requirement[], chapter: string): string {
  const sudo = needs.includes('root') && process.geteuid?.() !== 0 ? 'sudo ' : '';
  return `${sudo}npx tsx chapters/${chapter}/run.ts --only ${id}`;
}

async function conducted(
  one: Experiment,
  chapter: string,
  report: Report,
  signalled: Promise<never>,
): Promise<Outcome> {
  // What we start carries the mark: should we be killed, `npm run clean` finds it by that.
  const marked = record({ kind: 'marked-processes', target: guardMark() });
  const before = await snapshot();
  const open = openLab(report);
  const thrown = [
    ...(await thrownBy(() => Promise.race([one.body(open.lab), signalled]))),
    ...(await thrownBy(async () => open[Symbol.asyncDispose]())),
  ];
  const hostCheck = await hostIsAsBefore(before);
  if (!hostCheck.holds) report.checked(hostCheck);
  settle(marked);
  return judged(one, chapter, [...open.checks, hostCheck], thrown);
}

async function thrownBy(part: () => Promise<void>): Promise<unknown[]> {
  try {
    await part();
    return [];
  } catch (cause) {
    return [cause];
  }
}

/** A failure outweighs everything; what was found missing on the way outweighs what was checked. */
function judged(
  { id, title, needs }: Experiment,
  chapter: string,
  checks: readonly Check[],
  thrown: readonly unknown[],
): Outcome {
  const missing = thrown.find(cause => cause instanceof NotRun);
  const errors = thrown.filter(cause => cause !== missing).map(explained);
  const onlyTheHost = checks.length === 1;
  if (onlyTheHost && thrown.length === 0) errors.push('it expected nothing');
  const failed = checks.filter(({ holds }) => !holds).map(({ claim }) => `not so: ${claim}`);
  const reason = [...errors, ...failed].join('; ');
  if (reason !== '') return { id, title, verdict: 'fails', reason, checks };
  if (missing === undefined) return { id, title, verdict: 'holds', reason, checks };
  const command = commandFor(id, needs, chapter);
  return { id, title, verdict: 'NOT RUN', reason: missing.message, command, checks };
}

/** What is left behind and stands in the ledger is undone at once, after it has been named. */
async function hostIsAsBefore(before: HostState): Promise<Check> {
  const found = await changesSince(before);
  if (found.length > 0) await undoAll({ owner: selfIdentity() });
  const observed = found.length === 0 ? 'unchanged' : found.map(sentence).join('\n');
  return {
    claim: 'the host is as it was before',
    expected: 'unchanged',
    observed,
    holds: found.length === 0,
  };
}

function explained(cause: unknown): string {
  return cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
}
