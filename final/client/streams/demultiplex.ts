// The two outputs of a container without a terminal, which come on one connection.
//
//     byte 0: 1 stdout, 2 stderr, 3 an error of the engine's     bytes 4-7: length, big endian
//
// - `demultiplex(source, out, err)`   ends with the source; @throws Failure with the engine's error
//
// A frame is passed on as it arrives, also in parts: nothing is collected.

import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { Failure } from '../failure.ts';

export async function demultiplex(source: Readable, out: Writable, err: Writable): Promise<void> {
  let head: Buffer = Buffer.alloc(0);
  let left = 0;
  let target: Writable | undefined = out;
  let complaint = '';
  for await (const piece of source as AsyncIterable<Buffer>) {
    let rest: Buffer = head.length === 0 ? piece : Buffer.concat([head, piece]);
    head = Buffer.alloc(0);
    while (rest.length > 0) {
      if (left === 0) {
        if (rest.length < 8) break;
        target = [undefined, out, err, undefined][rest[0] ?? 0];
        left = rest.readUInt32BE(4);
        rest = rest.subarray(8);
      }
      const part = rest.subarray(0, left);
      left -= part.length;
      rest = rest.subarray(part.length);
      if (target === undefined) complaint += part.toString();
      else if (!target.write(part)) await once(target, 'drain');
    }
    if (left === 0) head = rest;
  }
  if (complaint !== '') throw new Failure(complaint);
}
