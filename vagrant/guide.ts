/**
 * The guided units, in a machine of the labs (or on any Linux machine, as root).
 *
 *     lab guide [UNIT]   the unit under way, else UNIT, else the next one; --drop puts it back
 *     lab hint           what it sees now, once; for a second terminal
 *     lab units          all units, and how far the learner is
 *
 * At a terminal with tmux a shell is opened below the guide. Without a terminal the page is
 * printed once.
 */
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { dirname } from 'node:path';
import { findTool } from './../workshop/setup/tools.mjs';
import { begin, look, restore } from './guide/attempt.ts';
import { page } from './guide/page.ts';
import {
  type Attempt,
  type Progress,
  progressFile,
  readProgress,
  writeProgress,
} from './guide/progress.ts';
import { readProse } from './guide/prose.ts';
import { hintOf, runSession, type Session } from './guide/session.ts';
import type { Unit } from './guide/unit.ts';
import { languageOf, wordsOf } from './guide/words.ts';
import { findUnit, obstacle, units } from './units/units.ts';

const language = languageOf();
const say = wordsOf(language);
const file = progressFile();
// Whoever reads through `head` has seen enough.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});
const print = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

function unitLines({ finished, attempt }: Progress): readonly string[] {
  return units().map((unit, index) => {
    const mark = unit.id in finished ? '✓' : attempt?.unit === unit.id ? '▸' : ' ';
    const blocked = obstacle(unit);
    const where = blocked === undefined ? '' : `   (${blocked.machine})`;
    const number = String(index + 1).padStart(2);
    return `${mark} ${number}  ${unit.id.padEnd(32)} ${readProse(unit.id, language).title}${where}`;
  });
}

function nextUnit({ finished }: Progress): Unit | undefined {
  return units().find(unit => !(unit.id in finished) && obstacle(unit) === undefined);
}

type Choice = { readonly unit: Unit } | { readonly no: string; readonly status: number };

/** The unit under way, or the one that was asked for, or the next; else why not. */
function choose(progress: Progress, word: string | undefined): Choice {
  const open = progress.attempt && findUnit(progress.attempt.unit);
  const unit = word === undefined ? (open ?? nextUnit(progress)) : findUnit(word);
  if (unit === undefined) {
    if (word === undefined) return { no: say.all, status: 0 };
    return { no: [say.unknown(word), ...unitLines(progress)].join('\n'), status: 2 };
  }
  if (open !== undefined) {
    return open.id === unit.id ? { unit } : { no: say.otherOpen(open.id), status: 1 };
  }
  const blocked = obstacle(unit);
  if (blocked === undefined) return { unit };
  return { no: say.obstacle(blocked.reason, blocked.machine), status: 1 };
}

async function enter(unit: Unit, progress: Progress): Promise<Session> {
  const { attempt } = progress;
  if (attempt?.unit === unit.id) return sessionOf(unit, attempt, progress);
  const fresh = await begin(unit, dirname(file), Math.random);
  writeProgress(file, { ...progress, attempt: fresh });
  return sessionOf(unit, fresh, progress);
}

function sessionOf(unit: Unit, attempt: Attempt, { finished }: Progress): Session {
  return { unit, attempt, finished, file, say, prose: readProse(unit.id, language) };
}

async function putBack(unit: Unit, attempt: Attempt, finished: Progress['finished']) {
  print(`\n${say.restoring}`);
  const left = await restore(unit, attempt);
  const told = left.length === 0 ? say.clean : say.left(left.join('; '));
  print(told);
  writeProgress(file, { finished });
  return told;
}

async function guide(word: string | undefined): Promise<number> {
  let notice: readonly [string, string] | undefined;
  for (let wanted = word; ;) {
    const progress = readProgress(file);
    const choice = choose(progress, wanted);
    if ('no' in choice) return await lastWords(choice.no, choice.status);
    const session = await enter(choice.unit, progress);
    if (!process.stdin.isTTY || !process.stdout.isTTY) return await printOnce(session);
    const ending = await runSession(session, notice);
    if (ending === 'left') return 0;
    const { unit, attempt, finished } = session;
    const now = new Date().toISOString();
    const done = ending === 'finished' ? { ...finished, [unit.id]: now } : finished;
    // The next page wipes the screen: what is left behind is said there once more.
    notice = [unit.id, await putBack(unit, attempt, done)];
    wanted = ending === 'again' ? unit.id : undefined;
  }
}

/** With the program goes its half of the screen: there the words wait until they are read. */
async function lastWords(text: string, status: number): Promise<number> {
  print(text);
  if (process.env['LAB_PANE'] === undefined || !process.stdin.isTTY) return status;
  print(`\n${say.close}`);
  await once(process.stdin, 'data');
  process.stdin.pause();
  return status;
}

async function printOnce(session: Session): Promise<number> {
  const { unit, attempt, prose, finished } = session;
  const seen = await look(unit, attempt);
  writeProgress(file, { finished, attempt });
  const asked = hintOf(session, seen);
  const view = { unit, prose, words: attempt.words, say, ticked: attempt.ticked };
  print(page({ ...view, ...(asked && { asked }), footer: seen.done ? say.finished : '' }, 98));
  return 0;
}

async function hint(): Promise<number> {
  const progress = readProgress(file);
  const unit = progress.attempt && findUnit(progress.attempt.unit);
  if (unit === undefined || progress.attempt === undefined) {
    print(say.none);
    return 1;
  }
  return await printOnce(sessionOf(unit, progress.attempt, progress));
}

async function drop(): Promise<number> {
  const { attempt, finished } = readProgress(file);
  const unit = attempt && findUnit(attempt.unit);
  if (unit !== undefined && attempt !== undefined) await putBack(unit, attempt, finished);
  return 0;
}

/** Above the guide, below a root shell; in a session of tmux that is there already, that one. */
function inTwoPanes(words: readonly string[]): number | undefined {
  const { TMUX, LAB_PANE } = process.env;
  const atTerminal = process.stdin.isTTY && process.stdout.isTTY;
  if (!atTerminal || TMUX || LAB_PANE || findTool('tmux') === undefined) return undefined;
  // Whose connection broke finds both panes as they were.
  if (tmux(['has-session', '-t', '=lab'], 'ignore') === 0) {
    return tmux(['attach-session', '-d', '-t', '=lab'], 'inherit');
  }
  const again = ['env', 'LAB_PANE=1', process.execPath, ...process.execArgv, process.argv[1] ?? ''];
  const quoted = [...again, 'guide', ...words].map(word => `'${word.replaceAll("'", `'\\''`)}'`);
  const above = `echo '${say.opening}'; exec ${quoted.join(' ')}`;
  const panes = ['new-session', '-s', 'lab', above, ';', 'set', '-g', 'mouse', 'on'];
  const below = [';', 'split-window', '-v', '-l', '45%', 'exec bash'];
  return tmux([...panes, ...below], 'inherit');
}

function tmux(words: readonly string[], stdio: 'ignore' | 'inherit'): number {
  return spawnSync('tmux', ['-f', '/dev/null', ...words], { stdio }).status ?? 1;
}

async function main([verb = 'guide', ...words]: readonly string[]): Promise<number> {
  if (verb === 'units') {
    print(unitLines(readProgress(file)).join('\n'));
    return 0;
  }
  if (verb === 'hint') return await hint();
  if (words[0] === '--drop') return await drop();
  // Before the screen is split: with the upper half its words would go.
  const choice = choose(readProgress(file), words[0]);
  if ('no' in choice && process.env['LAB_PANE'] === undefined) {
    print(choice.no);
    return choice.status;
  }
  return inTwoPanes(words) ?? (await guide(words[0]));
}

process.exitCode = await main(process.argv.slice(2));
