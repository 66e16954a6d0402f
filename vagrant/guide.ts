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

function listUnits({ finished, attempt }: Progress): void {
  for (const [index, unit] of units().entries()) {
    const mark = unit.id in finished ? '✓' : attempt?.unit === unit.id ? '▸' : ' ';
    const blocked = obstacle(unit);
    const where = blocked === undefined ? '' : `   (${blocked.machine})`;
    const number = String(index + 1).padStart(2);
    print(`${mark} ${number}  ${unit.id.padEnd(32)} ${readProse(unit.id, language).title}${where}`);
  }
}

function nextUnit({ finished }: Progress): Unit | undefined {
  return units().find(unit => !(unit.id in finished) && obstacle(unit) === undefined);
}

/** The unit under way, or the one that was asked for; a number is an exit status. */
async function choose(progress: Progress, word: string | undefined): Promise<Session | number> {
  const open = progress.attempt && findUnit(progress.attempt.unit);
  const wanted = word === undefined ? (open ?? nextUnit(progress)) : findUnit(word);
  if (wanted === undefined) {
    print(word === undefined ? say.all : say.unknown(word));
    if (word !== undefined) listUnits(progress);
    return word === undefined ? 0 : 2;
  }
  if (open !== undefined && progress.attempt !== undefined) {
    if (open.id !== wanted.id) {
      print(say.otherOpen(open.id));
      return 1;
    }
    return sessionOf(open, progress.attempt, progress);
  }
  const blocked = obstacle(wanted);
  if (blocked !== undefined) {
    print(say.obstacle(blocked.reason, blocked.machine));
    return 1;
  }
  const attempt = await begin(wanted, dirname(file), Math.random);
  writeProgress(file, { ...progress, attempt });
  return sessionOf(wanted, attempt, progress);
}

function sessionOf(unit: Unit, attempt: Attempt, { finished }: Progress): Session {
  return { unit, attempt, finished, file, say, prose: readProse(unit.id, language) };
}

async function putBack(unit: Unit, attempt: Attempt, finished: Progress['finished']) {
  print(`\n${say.restoring}`);
  const left = await restore(unit, attempt);
  print(left.length === 0 ? say.clean : say.left(left.join('; ')));
  writeProgress(file, { finished });
}

async function guide(word: string | undefined): Promise<number> {
  for (let wanted = word; ; wanted = undefined) {
    const session = await choose(readProgress(file), wanted);
    if (typeof session === 'number') return session;
    if (!process.stdin.isTTY || !process.stdout.isTTY) return await printOnce(session);
    const ending = await runSession(session);
    if (ending === 'left') return 0;
    const { unit, attempt, finished } = session;
    const now = new Date().toISOString();
    await putBack(
      unit,
      attempt,
      ending === 'finished' ? { ...finished, [unit.id]: now } : finished,
    );
    if (ending === 'again') return await guide(unit.id);
  }
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
  const panes = ['new-session', '-s', 'lab', quoted.join(' '), ';', 'set', '-g', 'mouse', 'on'];
  const below = [';', 'split-window', '-v', '-l', '45%', 'exec bash'];
  return tmux([...panes, ...below], 'inherit');
}

function tmux(words: readonly string[], stdio: 'ignore' | 'inherit'): number {
  return spawnSync('tmux', ['-f', '/dev/null', ...words], { stdio }).status ?? 1;
}

async function main([verb = 'guide', ...words]: readonly string[]): Promise<number> {
  if (verb === 'units') {
    listUnits(readProgress(file));
    return 0;
  }
  if (verb === 'hint') return await hint();
  if (words[0] === '--drop') return await drop();
  return inTwoPanes(words) ?? (await guide(words[0]));
}

process.exitCode = await main(process.argv.slice(2));
