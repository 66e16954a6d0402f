/**
 * Runs one guest from power-on to power-off, within limits.
 *
 * - bootGuest(machine, qemu, limits, watch)   how it ended, when it was up, what its console said
 *
 *     power-on ──bootMs──> "slipway: session" on the console ──runMs──> power-off by the guest
 *
 * Invariants: whichever limit passes, QEMU is killed and waited for; it is the only process that is
 * ended, and it dies by itself when this process dies (PR_SET_PDEATHSIG). What the guest writes is
 * read once more after its end, so nothing is lost.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Machine, qemuArguments } from './qemu.ts';
import { Tail } from './tail.ts';
import { findTool } from './unavailable.ts';

export interface Limits {
  readonly bootMs: number;
  /** From the moment when the guest was up; none for a shell. */
  readonly runMs?: number;
}

export interface Watch {
  /** What on the console says that the guest is up. */
  readonly up: string;
  readonly mark: readonly [name: string, value: string];
  readonly output?: (text: string) => void;
}

export interface GuestEnd {
  /** Why it did not end by itself, or undefined when it powered off. */
  readonly failure: string | undefined;
  readonly upAfterMs: number | undefined;
  readonly console: string;
}

const pollMs = 50;

export async function bootGuest(
  machine: Machine,
  qemu: string,
  limits: Limits,
  watch: Watch,
): Promise<GuestEnd> {
  const console = new Tail(join(machine.folder, 'console.log'));
  const output = new Tail(join(machine.folder, 'exchange/output'));
  const started = performance.now();
  const child = startQemu(machine, qemu, watch.mark);
  const complaints: string[] = [];
  child.stderr?.on('data', chunk => complaints.push(String(chunk)));
  const closed = once(child, 'close');
  closed.catch(() => undefined);
  let upAt: number | undefined;
  let failure: string | undefined;
  const look = (): void => {
    console.read();
    if (upAt === undefined && console.text.includes(watch.up)) upAt = performance.now();
    const news = output.read();
    if (news !== '') watch.output?.(news);
  };
  try {
    while (child.exitCode === null && child.signalCode === null && failure === undefined) {
      await Promise.race([closed, sleep(pollMs)]);
      look();
      failure = passedLimit(limits, started, upAt);
    }
  } finally {
    // Only ours: by the handle of the child that was started above.
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
    await closed;
  }
  look();
  const said = complaints.join('').trim();
  return {
    failure: failure ?? ownEnd(child, upAt, watch.up, said),
    upAfterMs: upAt === undefined ? undefined : upAt - started,
    console: [console.text, said].filter(text => text !== '').join('\n'),
  };
}

function startQemu(machine: Machine, qemu: string, mark: Watch['mark']): ChildProcess {
  const terminal = machine.terminal ? 'inherit' : 'ignore';
  const setpriv = findTool('setpriv');
  const wrapper = setpriv === undefined ? [] : [setpriv, '--pdeathsig', 'KILL'];
  const [program = qemu, ...args] = [...wrapper, qemu, ...qemuArguments(machine)];
  return spawn(program, args, {
    stdio: [terminal, terminal, 'pipe'],
    env: { ...process.env, [mark[0]]: mark[1] },
  });
}

function passedLimit(
  limits: Limits,
  started: number,
  upAt: number | undefined,
): string | undefined {
  const now = performance.now();
  if (upAt === undefined) {
    if (now - started < limits.bootMs) return undefined;
    return `the guest was not up after ${limits.bootMs / 1000} s`;
  }
  if (limits.runMs === undefined || now - upAt < limits.runMs) return undefined;
  return `the guest had not ended ${limits.runMs / 1000} s after it was up`;
}

function ownEnd(
  { exitCode, signalCode }: ChildProcess,
  upAt: number | undefined,
  up: string,
  said: string,
): string | undefined {
  const how = signalCode === null ? `status ${exitCode}` : signalCode;
  if (exitCode !== 0) return `QEMU ended with ${how}: ${said.split('\n').at(-1) ?? ''}`;
  return upAt === undefined ? `the guest ended before "${up}" was on its console` : undefined;
}
