// What a client sends becomes the input of a process in a container.
//
// - `pumpInput(input, child, how)`: resolves when the client has closed its half, or wants to go
//
// As fast as the process reads: what is not taken stays with the client.

import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import type { KeptChild } from '@slipway/native';
import { DetachFilter } from './detach-keys.ts';

export interface InputHow {
  /** Of a terminal; undefined: all bytes go through. */
  readonly detachKeys: readonly number[] | undefined;
  /** The end of the client's input is the end of the process's. */
  readonly closes: boolean;
}

/** Does not end while the client is silent: race it with the end of the process. */
export async function pumpInput(
  input: Readable,
  child: KeptChild,
  { detachKeys, closes }: InputHow,
): Promise<'ended' | 'detached'> {
  const filter = detachKeys && new DetachFilter(detachKeys);
  try {
    const stdin = await child.stdin();
    for await (const chunk of input.iterator({ destroyOnReturn: false })) {
      const taken = filter?.take(chunk) ?? { bytes: chunk, isDetached: false };
      if (stdin !== undefined && taken.bytes.length > 0) await write(stdin, taken.bytes);
      if (taken.isDetached) return 'detached';
    }
  } catch {
    // The client has gone, or nobody reads any more inside: both are an end.
  }
  // Where the process has ended meanwhile, so has its input.
  if (closes) await child.closeStdin().catch(() => undefined);
  return 'ended';
}

async function write(stdin: Writable, bytes: Uint8Array): Promise<void> {
  if (stdin.destroyed || stdin.write(bytes)) return;
  const gone = new AbortController();
  const leave = (): void => gone.abort();
  stdin.once('close', leave);
  try {
    await once(stdin, 'drain', { signal: gone.signal });
  } finally {
    stdin.off('close', leave);
  }
}
