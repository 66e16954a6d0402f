/**
 * Takes the uncompressed kernel out of a bzImage.
 *
 * - packedKernel(bzImage)   where the compressed kernel lies in it and what it was compressed with
 * - extractVmlinux(…)       writes the ELF file; false when this machine cannot unpack it
 *
 * Why: without KVM the kernel's own unpacking runs in an emulated processor and takes about four
 * seconds; `xz` on the host does it once in under one. QEMU starts an ELF kernel by its PVH entry.
 * The boot sector's fields used here:
 *
 *     0x1f1 setup_sects (1)      0x202 "HdrS" (4)    0x206 version (2)
 *     0x248 payload_offset (4)   0x24c length (4)
 *
 * Source: Documentation/arch/x86/boot.rst (boot protocol 2.08).
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { gunzipSync, zstdDecompressSync } from 'node:zlib';

export type Packing = 'xz' | 'gzip' | 'zstd';

export interface PackedKernel {
  readonly packing: Packing;
  readonly data: Uint8Array;
}

const signatures: readonly (readonly [Packing, readonly number[]])[] = [
  ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
  ['gzip', [0x1f, 0x8b]],
  ['zstd', [0x28, 0xb5, 0x2f, 0xfd]],
];

/** @returns undefined when the file is no bzImage of protocol 2.08, or is packed in another way. */
export function packedKernel(bzImage: Uint8Array): PackedKernel | undefined {
  const image = Buffer.from(bzImage.buffer, bzImage.byteOffset, bzImage.length);
  if (image.length < 0x250 || image.toString('latin1', 0x202, 0x206) !== 'HdrS') return undefined;
  if (image.readUInt16LE(0x206) < 0x208) return undefined;
  // A count of 0 means 4, said the first boot loaders.
  const sectors = image.readUInt8(0x1f1) || 4;
  const start = (sectors + 1) * 512 + image.readUInt32LE(0x248);
  const length = image.readUInt32LE(0x24c);
  if (length < 8 || start + length > image.length) return undefined;
  // The last four bytes are the unpacked size, which the kernel's build adds after the stream.
  const data = image.subarray(start, start + length - 4);
  const known = signatures.find(([, bytes]) => bytes.every((byte, at) => data[at] === byte));
  return known === undefined ? undefined : { packing: known[0], data };
}

/** @returns whether `to` is now an ELF kernel. */
export function extractVmlinux(bzImage: string, to: string): boolean {
  const packed = packedKernel(readFileSync(bzImage));
  const kernel = packed === undefined ? undefined : unpack(packed);
  if (kernel === undefined || kernel.toString('latin1', 1, 4) !== 'ELF') return false;
  writeFileSync(`${to}.part`, kernel);
  renameSync(`${to}.part`, to);
  return true;
}

function unpack({ packing, data }: PackedKernel): Buffer | undefined {
  if (packing === 'gzip') return gunzipSync(data);
  if (packing === 'zstd') return zstdDecompressSync(data);
  // Node has no xz, and busybox's does not know the x86 filter that kernels are packed with.
  const options = { input: data, maxBuffer: 1 << 30, timeout: 60_000 };
  const xz = spawnSync('xz', ['--decompress', '--stdout', '--single-stream'], options);
  return xz.status === 0 ? xz.stdout : undefined;
}
