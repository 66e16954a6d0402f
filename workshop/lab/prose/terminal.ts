/**
 * A bash at a real terminal, typed into: what it shows is what a reader sees.
 *
 * - openTerminal(cwd, path)      a session; disposing ends it and all that it started
 * - Terminal.type(lines, input)  types a command, gives what is shown up to the next prompt
 *
 * script(1) opens the pseudo-terminal, so `ls` makes columns, job control says `[1] 4242`, and
 * standard error stands where a person reads it. Nothing is echoed, and the prompt is a mark that
 * no program can guess: what lies between two marks is what the command showed.
 *
 * Whatever the session started carries the mark in its environment; that is how it is found when
 * the terminal has gone, also a process that has left the session.
 */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { thawGroupOf } from '../proc/freezer.ts';
import { environOf, listProcesses, readProcess, type ProcessIdentity } from '../proc/processes.ts';
import { scratchFolder, type ScratchFolder } from '../scratch.ts';

/** What was shown, and whether the prompt came back, the session ended, or nothing happened. */
export interface Shown {
  readonly output: string;
  readonly end: 'prompt' | 'closed' | 'limit';
}

/**
 * A reader looks at the prompt for a moment before typing on. A job that was killed has ended by
 * then; without the pause bash would tell of it sometimes here, sometimes there.
 */
const readerMs = 100;

/** In which variable of the environment the mark stands. */
const markName = 'SLIPWAY_PROSE';

/** How long a process may take to be gone after SIGKILL. */
const patienceMs = 10_000;

export async function openTerminal(cwd: string, path: string): Promise<Terminal> {
  const mark = randomUUID();
  const folder = scratchFolder();
  const rc = join(folder.path, 'rc');
  // Only bash knows its prompt: a shell that it starts does not inherit it.
  writeFileSync(rc, `PS1='\\036${mark}\\036'; PS2=; unset HISTFILE\n`);
  const bash = `exec bash --noprofile --noediting --rcfile '${rc}' -i`;
  const shell = `stty rows 24 cols 80 -echo; ${bash}`;
  const child = spawn('script', ['-qefc', shell, '/dev/null'], {
    cwd,
    env: { ...inherited(), ...plain, PATH: path, [markName]: mark },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const terminal = new Terminal(child, folder, mark);
  const { output, end } = await terminal.next(10_000);
  if (end === 'prompt') return terminal;
  await terminal[Symbol.asyncDispose]();
  throw new Error(`no bash at a terminal: ${output.trim() || end}`);
}

/** No colours, no pager, English, a job's line in full. */
const plain = {
  LC_ALL: 'C.UTF-8',
  NO_COLOR: '1',
  PAGER: 'cat',
  GIT_PAGER: 'cat',
  SHELL: '/bin/bash',
  TERM: 'dumb',
};

/** Where a person's things are and what the host guard looks for; nothing else of our runner. */
function inherited(): NodeJS.ProcessEnv {
  const person = ['HOME', 'USER', 'LOGNAME', 'TMPDIR', 'CARGO_HOME', 'RUSTUP_HOME'];
  const names = [...person, 'SLIPWAY_STATE', 'SLIPWAY_GUARD'];
  return Object.fromEntries(names.map(name => [name, process.env[name]]));
}

export class Terminal implements AsyncDisposable {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #folder: ScratchFolder;
  readonly #mark: string;
  #shown = '';
  #closed = false;
  #changed: () => void = () => undefined;
  #inputs = 0;

  constructor(
    child: ChildProcessByStdio<Writable, Readable, null>,
    folder: ScratchFolder,
    mark: string,
  ) {
    this.#child = child;
    this.#folder = folder;
    this.#mark = mark;
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.#shown += text;
      this.#changed();
    });
    const close = (): void => {
      this.#closed = true;
      this.#changed();
    };
    child.on('close', close).on('error', close);
    // The session may end while it is typed into; `closed` says so.
    child.stdin.on('error', close);
  }

  /** `input` is what the command finds on its standard input, instead of the terminal. */
  async type(command: string, input: readonly string[], limitMs: number): Promise<Shown> {
    await sleep(readerMs);
    this.#child.stdin.write(`${input.length === 0 ? command : this.#fed(command, input)}\n`);
    return this.next(limitMs);
  }

  /** What is shown up to the next prompt. */
  async next(limitMs: number): Promise<Shown> {
    const prompt = `\u001E${this.#mark}\u001E`;
    const limit = AbortSignal.timeout(limitMs);
    for (;;) {
      const at = this.#shown.indexOf(prompt);
      if (at >= 0) {
        const output = this.#shown.slice(0, at);
        this.#shown = this.#shown.slice(at + prompt.length);
        return { output, end: 'prompt' };
      }
      if (this.#closed) return { output: this.#shown, end: 'closed' };
      if (limit.aborted) return { output: this.#shown, end: 'limit' };
      await new Promise<void>(resolve => {
        this.#changed = resolve;
        limit.addEventListener('abort', () => resolve(), { once: true });
      });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Without its master the terminal hangs up, which ends the bash and its jobs.
    this.#child.kill('SIGKILL');
    while (!this.#closed) await sleep(5);
    try {
      await endMarked(this.#mark);
    } finally {
      await this.#folder[Symbol.asyncDispose]();
    }
  }

  #fed(command: string, input: readonly string[]): string {
    const file = join(this.#folder.path, `input-${++this.#inputs}`);
    writeFileSync(file, input.map(line => `${line}\n`).join(''));
    return `eval '${command.replaceAll("'", String.raw`'\''`)}' < '${file}'`;
  }
}

/** Ends every process with the mark in its environment, and waits until it is out of the table. */
async function endMarked(mark: string): Promise<void> {
  const isMarked = ({ pid }: ProcessIdentity): boolean => environOf(pid).get(markName) === mark;
  const isThere = ({ pid, started }: ProcessIdentity): boolean =>
    readProcess(pid)?.started === started;
  const ended: ProcessIdentity[] = [];
  const giveUp = performance.now() + patienceMs;
  for (;;) {
    const marked = listProcesses().filter(isMarked);
    for (const { pid } of marked) kill(pid);
    ended.push(...marked);
    // A zombie has no environment any more, but its new parent may not have seen it yet.
    const left = ended.find(isThere);
    if (marked.length === 0 && left === undefined) return;
    for (const { pid } of marked) thawGroupOf(pid);
    if (performance.now() > giveUp) {
      throw new Error(`process ${left?.pid} of a console block does not end: see ps`);
    }
    await sleep(10);
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}
