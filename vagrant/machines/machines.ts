/**
 * The labs' machines, from machines.table: the same rows that Vagrantfile and `lab` read.
 *
 * - machines()     name, base, world, memory, processors, disk
 * - tableRows(name) the rows of any table here, split at white space
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Machine {
  readonly name: string;
  readonly base: string;
  readonly world: 'v1' | 'v2';
  readonly memoryMiB: number;
  readonly processors: number;
  readonly diskGiB: number;
}

export function machines(): readonly Machine[] {
  return tableRows('machines').map(([name = '', base = '', world, ...sizes]) => {
    const [memoryMiB = 0, processors = 0, diskGiB = 0] = sizes.map(Number);
    return { name, base, world: world === 'v1' ? 'v1' : 'v2', memoryMiB, processors, diskGiB };
  });
}

export function tableRows(name: string): readonly (readonly string[])[] {
  const text = readFileSync(join(import.meta.dirname, `${name}.table`), 'utf8');
  const lines = text.split('\n').filter(line => line !== '' && !line.startsWith('#'));
  return lines.map(line => line.split(/\s+/));
}
