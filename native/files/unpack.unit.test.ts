import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { unpack, UnpackError } from './unpack.ts';

type Packing = 'xz' | 'bzip2';

/** The program of that name is the oracle. */
function pack(program: Packing, bytes: Buffer, ...flags: readonly string[]): Buffer {
  const how = { input: bytes, maxBuffer: 1 << 26 };
  return execFileSync(program, ['-c', ...flags], how);
}

async function unpacked(packing: Packing, bytes: Buffer, size = 1 << 16): Promise<Buffer> {
  async function* pieces(): AsyncGenerator<Buffer> {
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
  }
  const made: Buffer[] = [];
  for await (const piece of unpack(packing, pieces())) made.push(Buffer.from(piece));
  return Buffer.concat(made);
}

/** It repeats itself, but not soon; the second is as long as what one step can make. */
const text = Buffer.from(Array.from({ length: 50_000 }, (_, at) => `line ${at * at}\n`).join(''));
const sources = [Buffer.alloc(0), text.subarray(0, 1 << 18), text, Buffer.alloc(1 << 21)];

for (const packing of ['xz', 'bzip2'] as const) {
  test(`what ${packing} has packed comes out as it was, however it is cut`, async () => {
    for (const source of sources) {
      const packed = pack(packing, source);
      for (const size of [1 << 20, 4093]) {
        expect((await unpacked(packing, packed, size)).equals(source)).toBe(true);
      }
    }
    const short = pack(packing, Buffer.from('short'));
    expect(String(await unpacked(packing, short, 1))).toBe('short');
    expect(String(await unpacked(packing, Buffer.concat([short, short])))).toBe('shortshort');
  });

  test(`of ${packing}: what is cut off, changed or goes on as something else is told`, async () => {
    const packed = pack(packing, text);
    for (const length of [10, packed.length >> 1, packed.length - 1]) {
      const cut = unpacked(packing, packed.subarray(0, length));
      await expect(cut).rejects.toThrow(new UnpackError('unexpected end of input'));
    }
    for (const at of [packed.length >> 2, packed.length >> 1, packed.length - 20]) {
      const changed = Buffer.from(packed);
      changed[at] = (changed[at] ?? 0) ^ 0x10;
      await expect(unpacked(packing, changed)).rejects.toThrow(UnpackError);
    }
    const more = Buffer.concat([packed, Buffer.from('something else')]);
    await expect(unpacked(packing, more)).rejects.toThrow(/not recognized|corrupt/);
  });
}

test('what xz packs for other processors and with each of its checks comes out', async () => {
  for (const flags of [['--check=sha256'], ['--check=crc32'], ['--x86', '--lzma2']]) {
    expect((await unpacked('xz', pack('xz', text, ...flags))).equals(text)).toBe(true);
  }
});

test('who leaves early, and a source that fails, end it', async () => {
  const packed = pack('xz', text);
  async function* fails(): AsyncGenerator<Buffer> {
    yield packed.subarray(0, 5000);
    throw new Error('the client has gone');
  }
  for await (const piece of unpack('xz', fails())) {
    expect(piece.length).toBeGreaterThan(0);
    break;
  }
  const all = async (): Promise<void> => {
    for await (const _ of unpack('xz', fails()));
  };
  await expect(all()).rejects.toThrow('the client has gone');
});
