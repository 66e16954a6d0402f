// The last lines of a log, found from its end.
//
// - `tailStart(files, lines)`: in which file, and at which byte, the last `lines` lines begin
//
// Only as much is read as those lines are long: the log may be gigabytes.

import type { FileHandle } from 'node:fs/promises';

export interface TailStart {
  readonly file: number;
  readonly offset: number;
}

const blockBytes = 64 * 1024;
const newline = 0x0a;

/** `files`: the oldest first. */
export async function tailStart(files: readonly FileHandle[], lines: number): Promise<TailStart> {
  let left = lines;
  for (let index = files.length - 1; index >= 0; index -= 1) {
    const handle = files[index];
    if (handle === undefined) continue;
    const { size } = await handle.stat();
    if (left === 0) return { file: index, offset: size };
    const found = await lineStart(handle, size, left);
    if (found.offset !== undefined) return { file: index, offset: found.offset };
    left -= found.lines;
    if (left === 0) return { file: index, offset: 0 };
  }
  return { file: 0, offset: 0 };
}

/** Where the `wanted`th line from the end begins, or how many lines there are if fewer. */
async function lineStart(
  handle: FileHandle,
  size: number,
  wanted: number,
): Promise<{ readonly offset?: number; readonly lines: number }> {
  const block = Buffer.allocUnsafe(blockBytes);
  let ends = 0;
  for (let end = size; end > 0;) {
    const start = Math.max(0, end - blockBytes);
    const { bytesRead } = await handle.read(block, 0, end - start, start);
    const part = block.subarray(0, bytesRead);
    for (let at = part.lastIndexOf(newline); at !== -1; at = lastBefore(part, at)) {
      // The line feed of the line before those that are wanted.
      if (ends === wanted) return { offset: start + at + 1, lines: wanted };
      ends += 1;
    }
    end = start;
  }
  return { lines: ends };
}

function lastBefore(part: Buffer, at: number): number {
  return at === 0 ? -1 : part.lastIndexOf(newline, at - 1);
}
