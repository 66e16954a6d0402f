// A process for tests and experiments that waits at its first line until it is told to
// go.
//
// - startWaiting(script): a shell that waits; go() lets it run the script
//
// Between the two the process is put into its group, so nothing of the script runs
// outside. A script that is forgotten ends by itself after 30 seconds of processor
// time.

import { spawn } from 'node:child_process';
import { once } from 'node:events';

export interface WaitingProcess extends AsyncDisposable {
  readonly pid: number;
  go(): void;
  signal(signal: NodeJS.Signals): void;
  /**
   * Resolves when it has ended: a status, or the signal's name; and what it printed.
   */
  readonly ended: Promise<{
    readonly status: number | string;
    readonly output: string;
  }>;
}

export function startWaiting(script: string): WaitingProcess {
  const child = spawn('sh', ['-c', `ulimit -t 30; read _; ${script}`], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, LC_ALL: 'C' },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  }
  child.stdin.on('error', () => undefined); // it may have been killed before go()
  const ended = once(child, 'close').then(([code, signal]: (number | string)[]) => ({
    status: code ?? signal ?? 'unknown',
    output,
  }));
  return {
    pid: child.pid ?? 0,
    go: () => {
      child.stdin.end('\n');
    },
    signal: signal => {
      child.kill(signal);
    },
    ended,
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL');
      // Not for `close`: what it started may hold its output open, and ends with the
      // group.
      if (child.exitCode === null && child.signalCode === null)
        await once(child, 'exit');
    },
  };
}
