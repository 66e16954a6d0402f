// A shell on the host that stays, for experiments that the reader types line by line.
//
// - openHostShell(lab, options): a bash that the lab ends, with all its background jobs
// - shell.type(line): shows `$ line`, runs it, shows and returns what it printed
//
// The lab's own `shell` starts a new bash for every command; here a job goes on in the
// background while the next line is typed, and the shell can stand in a control group.

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Lab } from '@slipway/lab';
import type { Group } from '../../group/group.ts';

export interface HostShell {
  readonly pid: number;
  /** The lines that it prints. */
  type(line: string): Promise<readonly string[]>;
}

export interface ShellOptions {
  /** It is in the group before its first line, and so is all that it starts. */
  readonly group?: Group;
  /** Options of unshare(1), for a shell whose mounts or network are its own. */
  readonly unshare?: readonly string[];
  readonly folder?: string;
}

const bash = ['bash', '--noprofile', '--norc', '--noediting', '-i'];
const surroundings = {
  LC_ALL: 'C',
  PS1: '',
  PS2: '',
  TERM: 'dumb',
  COLUMNS: '74',
  TABSIZE: '0',
};

export async function openHostShell(
  lab: Lab,
  { group, unshare, folder }: ShellOptions = {},
): Promise<HostShell> {
  const words = unshare === undefined ? bash : ['unshare', ...unshare, ...bash];
  // A session of its own, so that it and all its jobs can be ended by one signal.
  const child = spawn('setsid', words, {
    stdio: ['pipe', 'pipe', 'ignore'],
    env: { ...process.env, ...surroundings },
    ...(folder !== undefined && { cwd: folder }),
  });
  const pid = child.pid ?? 0;
  lab.hold({ [Symbol.asyncDispose]: () => end(child) });
  await group?.attach(pid);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  // Complaints are part of what is seen; bash's own about its missing terminal are not.
  child.stdin.write('exec 2>&1\n');
  return {
    pid,
    type: async line => {
      // Not our pipe as its input: a program that reads would eat the next line.
      child.stdin.write(`{ ${line}\n} < /dev/null\necho end of the answer\n`);
      const answer: string[] = [];
      // An interactive bash without a terminal complains of that after a job's end.
      for (;;) {
        const next = await lines.next();
        if (next.done) throw new Error(`the shell ended before it answered ${line}`);
        if (next.value === 'end of the answer') break;
        if (!next.value.includes('tcsetattr')) answer.push(next.value);
      }
      lab.show([`$ ${line}`, ...answer]);
      return answer;
    },
  };
}

/** Without job control its jobs are in its process group. */
async function end(child: ChildProcess): Promise<void> {
  const exit = once(child, 'exit');
  try {
    process.kill(-(child.pid ?? 0), 'SIGKILL');
  } catch {
    child.kill('SIGKILL'); // it ended by itself, or has no group yet
  }
  if (child.exitCode === null && child.signalCode === null) await exit;
}
