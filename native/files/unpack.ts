// What xz and bzip2 have packed, as what it was.
//
// - `unpack(packing, pieces)`: the bytes; a piece is whole until the next one is asked for
// - `UnpackError`: something is wrong with the packed bytes, in the programs' words
//
// A thread of the addon works on one piece while JavaScript goes on with something else. No more
// is held than a piece of each and what the packing itself asks for, which is limited.

import { call, native } from '../binding.ts';

const roomBytes = 1 << 18;
const nothing = Buffer.alloc(0);

export class UnpackError extends Error {
  override readonly name = 'UnpackError';
}

/** @throws UnpackError; what the source throws as it is */
export async function* unpack(
  packing: 'xz' | 'bzip2',
  pieces: AsyncIterable<Uint8Array>,
): AsyncGenerator<Buffer> {
  const unpacker = call(() => new (native().Unpacker)(packing));
  const room = Buffer.allocUnsafeSlow(roomBytes);
  const step = async (packed: Uint8Array): Promise<[taken: number, made: number]> => {
    try {
      return await unpacker.step(packed, room);
    } catch (cause) {
      throw new UnpackError(cause instanceof Error ? cause.message : String(cause), { cause });
    }
  };
  try {
    for await (const piece of pieces) {
      let rest = piece;
      while (rest.length > 0) {
        const [taken, made] = await step(rest);
        rest = rest.subarray(taken);
        if (made > 0) yield room.subarray(0, made);
      }
    }
    for (;;) {
      const [, made] = await step(nothing);
      if (made === 0) return;
      yield room.subarray(0, made);
    }
  } finally {
    unpacker.close();
  }
}
