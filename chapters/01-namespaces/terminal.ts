// Two terminals in a row: the user's, and the one that the container opened for itself.
//
// - `attachTerminal(terminal)`: keys go in, output comes out, the size follows
//
// While it lasts the user's terminal is raw: Ctrl-C is a byte for the container's
// terminal, and *its* line discipline turns it into SIGINT for whoever is in front
// there. Disposing puts the user's terminal back as it was.
// Sources: termios(3), pty(7), tty_ioctl(4).

import { ReadStream } from 'node:tty';
import type { Terminal } from '@slipway/native';

export interface Attachment extends Disposable {
  /** Resolves when the container's side is closed and all its output is written. */
  readonly finished: Promise<void>;
}

/** The size of our own terminal, or 24 by 80 where there is none. */
export function ownSize(): { readonly rows: number; readonly columns: number } {
  const { rows, columns } = process.stdout;
  return { rows: rows || 24, columns: columns || 80 };
}

/** Joins our standard streams and `terminal` until it is disposed of. */
export function attachTerminal(terminal: Terminal, interactive: boolean): Attachment {
  const { stdin, stdout } = process;
  const inside = new ReadStream(terminal.descriptor);
  const follow = (): void => {
    const { rows, columns } = ownSize();
    terminal.resize(rows, columns);
  };
  const type = (keys: Buffer): void => {
    inside.write(keys);
  };
  const finished = new Promise<void>(resolve => {
    inside.once('close', resolve);
  });
  // Linux answers EIO on the master when the last process inside has gone: an end.
  inside.on('error', () => inside.destroy());
  inside.on('data', output => {
    if (!stdout.write(output)) {
      inside.pause();
      stdout.once('drain', () => inside.resume());
    }
  });
  if (interactive) {
    if (stdin.isTTY) stdin.setRawMode(true);
    stdin.on('data', type);
  }
  if (stdout.isTTY) process.on('SIGWINCH', follow);
  return {
    finished,
    [Symbol.dispose]: () => {
      process.off('SIGWINCH', follow);
      stdin.off('data', type);
      if (interactive) {
        if (stdin.isTTY) stdin.setRawMode(false);
        stdin.pause();
      }
      inside.destroy();
    },
  };
}
