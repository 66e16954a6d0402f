// The user's streams and a process's in a container, joined until the process ends.
//
// - `converse(connection, { isTerminal, input, out, err, detachKeys })`   how it ended
// - `terminalSize(out)`        `[rows, columns]`; undefined where there is none
//
// The end of our input is the end of the process's: the connection is half closed. At a terminal
// the keys that let go of it are found here, as docker's client does: they reach no process.

import { once } from 'node:events';
import type { Socket } from 'node:net';
import { Transform, type Readable, type Writable } from 'node:stream';
import { DetachFilter, parseDetachKeys } from '../../daemon/containers/io/detach-keys.ts';
import { demultiplex } from './demultiplex.ts';

export interface Conversation {
  readonly isTerminal: boolean;
  /** Undefined: the process gets none. */
  readonly input: Readable | undefined;
  readonly out: Writable;
  readonly err: Writable;
  readonly detachKeys?: string | undefined;
}

export type Ending = 'ended' | 'detached';

export async function converse(connection: Socket, conversation: Conversation): Promise<Ending> {
  const { isTerminal, input, out, err, detachKeys } = conversation;
  let ending: Ending = 'ended';
  connection.on('error', () => connection.destroy());
  const keys = isTerminal ? watchKeys(detachKeys) : undefined;
  keys?.once('detached', () => {
    ending = 'detached';
    connection.destroy();
  });
  if (keys === undefined) input?.pipe(connection);
  else input?.pipe(keys).pipe(connection);
  try {
    if (isTerminal) await copy(connection, out);
    else await demultiplex(connection, out, err);
  } catch (error) {
    if (!connection.destroyed) throw error;
  } finally {
    input?.unpipe();
    input?.pause();
    connection.destroy();
  }
  return ending;
}

async function copy(source: Readable, out: Writable): Promise<void> {
  for await (const piece of source) {
    if (!out.write(piece)) await once(out, 'drain');
  }
}

function watchKeys(written: string | undefined): Transform {
  const filter = new DetachFilter(keysOf(written));
  return new Transform({
    transform(piece: Buffer, _encoding, done) {
      const { bytes, isDetached } = filter.take(piece);
      if (isDetached) this.emit('detached');
      done(null, bytes);
    },
  });
}

/** Those that nobody can type are the engine's to refuse. */
function keysOf(written: string | undefined): readonly number[] {
  try {
    return parseDetachKeys(written);
  } catch {
    return parseDetachKeys(undefined);
  }
}

export function terminalSize(out: NodeJS.WriteStream): readonly [number, number] | undefined {
  return out.isTTY ? [out.rows, out.columns] : undefined;
}
