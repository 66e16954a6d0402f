/**
 * For the ledger's test: a program that goes on recording and making folders until it is killed.
 * Its argument: the folder to make them in.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { record } from '../ledger.ts';

const [folder = ''] = process.argv.slice(2);

for (let number = 1; ; number += 1) {
  const target = join(folder, String(number));
  record({ kind: 'directory', target });
  mkdirSync(target);
  if (number === 3) process.stdout.write('goes on\n');
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
}
