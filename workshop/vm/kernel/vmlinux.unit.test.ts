/** A bzImage made here, after the boot protocol's description, with each way of packing. */
import { mkdtempSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { extractVmlinux, packedKernel } from './vmlinux.ts';

const kernel = Buffer.concat([Buffer.from('\x7fELF', 'latin1'), Buffer.alloc(5000, 'kernel')]);

function bzImage(payload: Uint8Array, { sectors = 3, offset = 700, version = 0x20f } = {}): Buffer {
  const image = Buffer.alloc((sectors + 1) * 512 + offset + payload.length + 4 + 333, 0xaa);
  image.writeUInt8(sectors, 0x1f1);
  image.write('HdrS', 0x202, 'latin1');
  image.writeUInt16LE(version, 0x206);
  image.writeUInt32LE(offset, 0x248);
  image.writeUInt32LE(payload.length + 4, 0x24c);
  image.set(payload, (sectors + 1) * 512 + offset);
  return image;
}

function extracted(image: Uint8Array): Buffer | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-vmlinux-'));
  try {
    const [from, to] = [join(folder, 'vmlinuz'), join(folder, 'vmlinux')];
    writeFileSync(from, image);
    const done = extractVmlinux(from, to);
    expect(existsSync(to)).toBe(done);
    return done ? readFileSync(to) : undefined;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test.each([
  ['gzip', gzipSync(kernel)],
  ['zstd', zstdCompressSync(kernel)],
] as const)('a kernel packed with %s comes out as it went in', (packing, payload) => {
  expect(packedKernel(bzImage(payload))?.packing).toBe(packing);
  expect(extracted(bzImage(payload))).toEqual(kernel);
});

test('what is packed in another way, or is no kernel inside, is left to QEMU', () => {
  expect(extracted(bzImage(Buffer.from('LZ4 or something else')))).toBeUndefined();
  expect(extracted(bzImage(gzipSync('a text')))).toBeUndefined();
});

test('a file that is no bzImage of protocol 2.08 is none', () => {
  expect(packedKernel(Buffer.from('short'))).toBeUndefined();
  expect(packedKernel(Buffer.alloc(4096))).toBeUndefined();
  expect(packedKernel(bzImage(gzipSync(kernel), { version: 0x207 }))).toBeUndefined();
  const cut = bzImage(gzipSync(kernel));
  expect(packedKernel(cut.subarray(0, 2800))).toBeUndefined();
});
