// The user's streams and a process's in a container, joined until the process ends.
//
// - `converse(connection, { terminal, input, out, err })`
// - `rawTerminal(onResize)`   keys go through as they are typed; the size is told at once and on
//   change
//
// The end of our input is the end of the process's: the connection is half closed.

import { once } from 'node:events';
import type { Socket } from 'node:net';
import type { Readable, Writable } from 'node:stream';
import { demultiplex } from './demultiplex.ts';

export interface Conversation {
  readonly isTerminal: boolean;
  /** Undefined: the process gets none. */
  readonly input: Readable | undefined;
  readonly out: Writable;
  readonly err: Writable;
}

export async function converse(connection: Socket, conversation: Conversation): Promise<void> {
  const { isTerminal, input, out, err } = conversation;
  connection.on('error', () => connection.destroy());
  input?.pipe(connection);
  try {
    if (isTerminal) await copy(connection, out);
    else await demultiplex(connection, out, err);
  } finally {
    input?.unpipe(connection);
    input?.pause();
    connection.destroy();
  }
}

async function copy(source: Readable, out: Writable): Promise<void> {
  for await (const piece of source) {
    if (!out.write(piece)) await once(out, 'drain');
  }
}

export function rawTerminal(onResize: (rows: number, columns: number) => void): Disposable {
  const { stdin, stdout } = process;
  const tell = (): void => onResize(stdout.rows, stdout.columns);
  if (stdin.isTTY) stdin.setRawMode(true);
  if (stdout.isTTY) {
    stdout.on('resize', tell);
    tell();
  }
  return {
    [Symbol.dispose]: () => {
      stdout.off('resize', tell);
      if (stdin.isTTY) stdin.setRawMode(false);
    },
  };
}
