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
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { GuestVoice, type Listener } from './guest-voice.ts';
import { type Machine, qemuArguments } from './qemu.ts';
import { findTool } from '../unavailable.ts';

export interface Limits {
  readonly bootMs: number;
  /** From the moment when the guest was up; none for a shell. */
  readonly runMs?: number;
}

export interface Watch extends Listener {
  /** Goes into QEMU's environment, so that it can be found again; see scratch.ts. */
  readonly mark: readonly [name: string, value: string];
  /** Ends the guest; its reason is then the failure. */
  readonly signal: AbortSignal;
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
  const child = startQemu(machine, qemu, watch.mark);
  const voice = new GuestVoice(machine.folder, watch);
  const complaints = child.stderr === null ? '' : text(child.stderr);
  const failure = await untilEnd(child, voice, limits, watch.signal);
  voice.listen();
  const said = (await complaints).trim();
  return {
    failure: failure ?? ownEnd(child, voice, watch.up, said),
    upAfterMs: voice.upAfterMs,
    console: [voice.console, said].filter(part => part !== '').join('\n'),
  };
}

/** @returns why the guest had to be ended, or undefined when QEMU ended by itself. */
async function untilEnd(
  child: ChildProcess,
  voice: GuestVoice,
  limits: Limits,
  signal: AbortSignal,
): Promise<string | undefined> {
  const closed = once(child, 'close');
  let failure: string | undefined;
  try {
    while (isRunning(child) && failure === undefined) {
      await Promise.race([closed, sleep(pollMs)]);
      voice.listen();
      failure = signal.aborted ? String(signal.reason) : passedLimit(limits, voice);
    }
  } finally {
    // Only ours: by the handle of the child that this function was given.
    if (isRunning(child)) child.kill('SIGKILL');
    await closed;
  }
  return failure;
}

function isRunning({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode === null && signalCode === null;
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

function passedLimit(limits: Limits, voice: GuestVoice): string | undefined {
  const { upAfterMs, ageMs } = voice;
  if (upAfterMs === undefined) {
    if (ageMs < limits.bootMs) return undefined;
    return `the guest was not up after ${limits.bootMs / 1000} s`;
  }
  if (limits.runMs === undefined || ageMs - upAfterMs < limits.runMs) return undefined;
  return `the guest had not ended ${limits.runMs / 1000} s after it was up`;
}

function ownEnd(
  { exitCode, signalCode }: ChildProcess,
  voice: GuestVoice,
  up: string,
  said: string,
): string | undefined {
  if (exitCode !== 0) {
    const how = signalCode ?? `status ${exitCode}`;
    return `QEMU ended with ${how}: ${said.split('\n').at(-1)}`;
  }
  if (voice.upAfterMs !== undefined) return undefined;
  return `the guest ended before "${up}" was on its console`;
}
