// The files that a benchmark of layers works on, and the middle of what it measured.

import { mkdirSync, writeFileSync } from 'node:fs';

/** Most files of a system are small, some are not: 60 % 1 KiB, 35 % 20 KiB, 5 % 180 KiB. */
export function makeTree(folder: string): void {
  const content = Buffer.alloc(180 * 1024, 'slipway ');
  for (let number = 0; number < 12_000; number += 1) {
    const inside = `${folder}/${number % 12}/${number % 150}`;
    mkdirSync(inside, { recursive: true });
    const size = number % 20 === 0 ? 180 : number % 20 < 8 ? 20 : 1;
    writeFileSync(`${inside}/file-${number}`, content.subarray(0, size * 1024));
  }
}

export function median(times: readonly number[]): number {
  return times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0;
}
