// Two terminals in a row: the user's, and the one that the container opened for itself.
//
// - `attachTerminal(terminal)`: keys go in, output comes out, the size follows
//
// While it lasts the user's terminal is raw: Ctrl-C is a byte for the container's
// terminal, and *its* line discipline turns it into SIGINT for whoever is in front
// there. Disposing puts the user's terminal back as it was.
// Sources: termios(3), pty(7), tty_ioctl(4).

import { setTimeout as sleep } from 'node:timers/promises';
import type { Terminal } from '@slipway/native';

export interface Attachment extends Disposable {
  /**
   * Resolves when all output is written: the inner side is closed, or, where a process
   * of another kind of container still holds it open, silent.
   */
  drained(): Promise<void>;
}

/** How long a terminal is silent before nobody is expected to write to it any more. */
const silenceMs = 100;

/** The size of our own terminal, or 24 by 80 where there is none. */
export function ownSize(): { readonly rows: number; readonly columns: number } {
  const { rows, columns } = process.stdout;
  return { rows: rows || 24, columns: columns || 80 };
}

/**
 * Joins our standard streams and `terminal` until it is disposed of.
 *
 * `onHangUp` runs when our own terminal has gone and nobody can type any more.
 */
export function attachTerminal(
  terminal: Terminal,
  interactive: boolean,
  onHangUp: () => void,
): Attachment {
  const { stdin, stdout } = process;
  const inside = terminal.stream;
  const follow = (): void => {
    const { rows, columns } = ownSize();
    terminal.resize(rows, columns);
  };
  const type = (keys: Buffer): void => {
    inside.write(keys);
  };
  let last = performance.now();
  // Linux answers EIO on the master when the last process inside has gone: an end.
  inside.on('error', () => inside.destroy());
  inside.on('data', output => {
    last = performance.now();
    if (!stdout.write(output)) {
      inside.pause();
      stdout.once('drain', () => inside.resume());
    }
  });
  inside.resume();
  // Our terminal is gone. Closing the master hangs up the one inside, too.
  const hangUp = (): void => {
    inside.destroy();
    onHangUp();
  };
  if (interactive) {
    if (stdin.isTTY) stdin.setRawMode(true);
    stdin.on('data', type).once('end', hangUp).once('error', hangUp);
  }
  if (stdout.isTTY) process.on('SIGWINCH', follow);
  return {
    drained: async () => {
      while (!inside.destroyed && performance.now() - last < silenceMs) await sleep(5);
    },
    [Symbol.dispose]: () => {
      process.off('SIGWINCH', follow);
      stdin.off('data', type).off('end', hangUp).off('error', hangUp);
      if (interactive) {
        if (stdin.isTTY && !stdin.destroyed) stdin.setRawMode(false);
        stdin.pause();
      }
      inside.destroy();
    },
  };
}
