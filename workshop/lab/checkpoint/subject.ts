// The program under examination, seen from outside only.
//
// - `Subject`: how it is started: the chapter's own run.ts, a learner's, a script, an engine
// - `subjectFrom(environment, fallback)`: SUBJECT=path, or the fallback, which is ours
// - `subjectAt(path)`: the program there, whoever wrote it
// - `ourSubject(path)`: one of ours, whose TypeScript Node itself can read
// - `runSubject(subject, args)`: runs it to its end → output and exit status
// - `startSubject(subject, options)`: starts it with an application that stays, and finds
//   that application in the host's process table → its pid
//
// As root a subject runs on a *stand-in for the host*: a mount namespace whose mounts are shared,
// as systemd makes them, and a UTS namespace. What a wrong answer leaks there is seen, and never
// reaches the machine. Nothing is asked of the subject but its command line.

import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findByCommandLine } from './processes.ts';

export interface Subject {
  /** The words that start it; options and a command are added behind. */
  readonly command: readonly string[];
  /** Run it as this user; only root can ask for that. */
  readonly user?: { readonly uid: number; readonly gid: number };
  /** Further groups that it starts in; only root can ask for that. */
  readonly groups?: readonly number[];
}

export interface SubjectResult {
  readonly stdout: string;
  readonly stderr: string;
  /** As a shell reports it: 128 + n for signal n. */
  readonly status: number;
}

/** A subject that runs, and the application inside. */
export interface RunningSubject extends AsyncDisposable {
  /** The process that was started: the subject itself. */
  readonly pid: number;
  /** The application, as the host numbers it. */
  readonly application: number;
  /** What the subject has printed so far. */
  output(): { readonly stdout: string; readonly stderr: string };
  /** The end of the subject. */
  ended(): Promise<SubjectResult>;
}

/** An emulated machine is slower by this; whoever runs tests there sets it. */
const slow = Number(process.env['SLIPWAY_SLOW'] ?? 1);

/** How long the output of an ended subject may still be on its way. */
const drainMs = 500 * slow;

const repository = resolve(import.meta.dirname, '../../..');

/** A subject is started dozens of times; what Node has compiled it finds here again. */
const compiled = process.env['NODE_COMPILE_CACHE'] ?? `${repository}/.cache/compiled`;

/** The subject that `environment` names, or the TypeScript file `fallback`. */
export function subjectFrom(environment: NodeJS.ProcessEnv, fallback: string): Subject {
  const path = resolve(environment['SUBJECT'] ?? fallback);
  if (!existsSync(path)) {
    throw new Error(`SUBJECT=${path} is not there: give the path of a program or a .ts file`);
  }
  return environment['SUBJECT'] === undefined ? ourSubject(path) : subjectAt(path);
}

/** The subject at `path`: TypeScript runs through tsx, anything else by itself. */
export function subjectAt(path: string): Subject {
  const tsx = `${repository}/node_modules/tsx/dist/loader.mjs`;
  return { command: path.endsWith('.ts') ? [process.execPath, '--import', tsx, path] : [path] };
}

/** Ours is erasable TypeScript: a newer Node runs it by itself, in half of the time of tsx. */
export function ourSubject(path: string): Subject {
  if (process.features.typescript !== 'strip') return subjectAt(path);
  return { command: [process.execPath, path] };
}

/** Runs `subject args…` to its end. @throws Error if it takes longer than `limitMs` */
export async function runSubject(
  subject: Subject,
  args: readonly string[],
  options: { readonly stdin?: string; readonly limitMs?: number } = {},
): Promise<SubjectResult> {
  const child = launch(subject, args);
  const output = collect(child);
  child.stdin?.end(options.stdin ?? '');
  return withLimit(child, ended(child, output), options.limitMs ?? 30_000 * slow, args);
}

/** Starts `subject options… -- busybox sleep N` and waits until that application is there. */
export async function startSubject(
  subject: Subject,
  options: readonly string[],
  limitMs = 15_000 * slow,
): Promise<RunningSubject> {
  // A number that no other process has in its command line, and that sleep(1) understands.
  const seconds = String(100_000 + Math.floor(Math.random() * 1e9));
  const words = ['busybox', 'sleep', seconds];
  const child = launch(subject, [...options, '--', ...words]);
  const output = collect(child);
  const end = ended(child, output);
  const application = await waitForApplication(words, child, limitMs);
  if (application === undefined || child.pid === undefined) {
    child.kill('SIGKILL');
    const { stderr, status } = await end;
    throw new NeverStarted(options, stderr.trim(), status);
  }
  return {
    pid: child.pid,
    application,
    output: () => output,
    ended: () => end,
    [Symbol.asyncDispose]: async () => {
      signal(application, 'SIGKILL');
      child.kill('SIGKILL');
      await end;
    },
  };
}

/** The subject ended, or the time did, before its application was there. */
export class NeverStarted extends Error {
  override readonly name = 'NeverStarted';
  readonly stderr: string;
  readonly status: number;

  constructor(options: readonly string[], stderr: string, status: number) {
    super(
      `with ${options.join(' ') || 'no options'} the application never started ` +
        `(exit status ${status}); the subject says: ${stderr || 'nothing'}`,
    );
    this.stderr = stderr;
    this.status = status;
    // Where it was noticed is of no interest: it is the subject that did not start.
    this.stack = `${this.name}: ${this.message}`;
  }
}

/** The words that put `subject` onto the stand-in for the host. */
function onStandIn(subject: Subject): readonly string[] {
  if (process.geteuid?.() !== 0) return subject.command;
  // /mnt shows the tree to a user who may not read the folders above it.
  const inside = (word: string): string =>
    word.startsWith(`${repository}/`) ? `/mnt${word.slice(repository.length)}` : word;
  const { user, groups } = subject;
  const list = groups ? `--groups=${groups.join(',')}` : user && '--clear-groups';
  const become = [
    ...(user ? [`--reuid=${user.uid}`, `--regid=${user.gid}`] : []),
    ...(list ? [list] : []),
  ];
  const command = user ? subject.command.map(inside) : subject.command;
  const prepare =
    // What a wrong answer makes in the host's /dev would stay there.
    'mount --rbind /dev /dev && mount -o remount,bind,ro /dev && ' +
    'mount --make-rshared / && mount --bind "$0" /mnt && ' +
    (user ? 'cd /mnt && ' : '') +
    'exec "$@"';
  return [
    ...['unshare', '--mount', '--uts', '--propagation', 'private', '--'],
    ...['bash', '-c', prepare, repository, 'setpriv', ...become, '--', ...command],
  ];
}

function launch(subject: Subject, args: readonly string[]): ChildProcess {
  const [program = '', ...words] = [...onStandIn(subject), ...args];
  const env = { ...process.env, NODE_COMPILE_CACHE: compiled };
  return spawn(program, words, { cwd: repository, env, stdio: ['pipe', 'pipe', 'pipe'] });
}

interface Output {
  stdout: string;
  stderr: string;
}

function collect(child: ChildProcess): Output {
  const output: Output = { stdout: '', stderr: '' };
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
  // A subject that has ended reads no more; its status says why.
  child.stdin?.on('error', () => undefined);
  return output;
}

function ended(child: ChildProcess, output: Output): Promise<SubjectResult> {
  return new Promise((resolveEnd, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signalName) => {
      const killed = signalName === null ? 0 : 128 + constants.signals[signalName];
      const finish = (): void => resolveEnd({ ...output, status: code ?? killed });
      // A process that was left behind may hold the pipes open for as long as it likes.
      const late = setTimeout(finish, drainMs);
      child.once('close', () => {
        clearTimeout(late);
        finish();
      });
    });
  });
}

async function withLimit(
  child: ChildProcess,
  end: Promise<SubjectResult>,
  limitMs: number,
  args: readonly string[],
): Promise<SubjectResult> {
  const clock = new AbortController();
  const late = sleep(limitMs, undefined, { signal: clock.signal }).then(
    () => {
      child.kill('SIGKILL');
      throw new Error(`the subject did not end within ${limitMs} ms: ${args.join(' ')}`);
    },
    () => end,
  );
  try {
    return await Promise.race([end, late]);
  } finally {
    clock.abort();
  }
}

async function waitForApplication(
  words: readonly string[],
  child: ChildProcess,
  limitMs: number,
): Promise<number | undefined> {
  const until = performance.now() + limitMs;
  while (performance.now() < until && child.exitCode === null && child.signalCode === null) {
    const found = findByCommandLine(words);
    if (found !== undefined) return found;
    await sleep(10 * slow);
  }
  return undefined;
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}
