// Made from ../../runtime/foreground.ts by `npm run generate`. Nothing is left out here.
// See how far you are, in the folder of the chapter: SUBJECT=exercise/run.ts npm test
//
// A container in the foreground: run it, pass on signals, and answer for its end.
//
// - `runForeground(start, io)`: starts, waits, returns the exit status
//
// The container is in a session of its own, so the kernel sends it nothing when the
// user presses Ctrl-C at our terminal; we get the signal and pass it on, as Docker's
// client does; a PID 1 without a handler ignores it, so the third one kills. When we
// die, however we die, the kernel kills it (PR_SET_PDEATHSIG).

import type { Child, Stdio } from '@slipway/native';
import { exitStatusOf, exitStatusOfFailure } from './exit-status.ts';
import { attachTerminal } from '../../runtime/terminal.ts';

export interface Foreground {
  /** Keep standard input open (-i). */
  readonly interactive: boolean;
}

/** Signals that the one who runs us may send, and that are meant for the container. */
const forwarded: readonly NodeJS.Signals[] = [
  'SIGHUP',
  'SIGINT',
  'SIGQUIT',
  'SIGTERM',
  'SIGUSR1',
  'SIGUSR2',
  'SIGCONT',
];

/** How long an abandoned container has for its farewell. */
const graceMs = 1000;

/** The standard streams of a container in the foreground. */
export function foregroundStdio({ interactive }: Foreground): Stdio {
  return [interactive ? 'inherit' : 'null', 'inherit', 'inherit'];
}

/**
 * The exit status of the container that `start` starts; errors go to standard error.
 */
export async function runForeground(
  start: () => Promise<Child>,
  foreground: Foreground,
): Promise<number> {
  try {
    using signals = forwardSignals();
    await using child = await start();
    signals.sendTo(child);
    if (child.terminal === undefined) return exitStatusOf(await child.wait());
    const { terminal } = child;
    const { interactive } = foreground;
    using attachment = attachTerminal(terminal, interactive, () => abandon(child));
    const status = await child.wait();
    await attachment.drained();
    return exitStatusOf(status);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    process.stderr.write(`slipway: ${message}\n`);
    return exitStatusOfFailure(error);
  }
}

/** Nobody can reach the container any more: it is asked to end, then made to. */
function abandon(child: Child): void {
  child.kill('SIGHUP');
  // A PID 1 without a handler for SIGHUP never even notices it.
  setTimeout(() => child.kill('SIGKILL'), graceMs).unref();
}

interface Forwarding extends Disposable {
  /** Who gets the signals from now on, and those that came too early. */
  sendTo(child: Child): void;
}

/** Passes signals on; a third interrupt shows that the container will not listen. */
function forwardSignals(): Forwarding {
  const early: NodeJS.Signals[] = [];
  let interrupts = 0;
  let send = (signal: NodeJS.Signals): unknown => early.push(signal);
  const handlers = forwarded.map(signal => {
    const pass = (): void => {
      if (signal === 'SIGINT') interrupts += 1;
      send(interrupts < 3 ? signal : 'SIGKILL');
    };
    process.on(signal, pass);
    return () => process.off(signal, pass);
  });
  return {
    sendTo: child => {
      send = signal => child.kill(signal);
      for (const signal of early) send(signal);
    },
    [Symbol.dispose]: () => {
      for (const remove of handlers) remove();
    },
  };
}
// As made: 2352a997
