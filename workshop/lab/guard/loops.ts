/**
 * Loop devices that are in use, from /sys/block. Value: the backing file.
 */
import { readFileSync, readdirSync } from 'node:fs';
import type { Fact, Kind } from './state.ts';

export const loops: Kind = {
  name: 'loop',
  read() {
    const facts: Record<string, Fact> = {};
    for (const name of readdirSync('/sys/block').filter(block => block.startsWith('loop'))) {
      const backing = backingFile(name);
      if (backing !== undefined) facts[`/dev/${name}`] = { value: backing };
    }
    return facts;
  },
  foreign: ({ before, after }) => (after ?? before ?? '').startsWith('/var/lib/snapd/'),
};

function backingFile(name: string): string | undefined {
  try {
    return readFileSync(`/sys/block/${name}/loop/backing_file`, 'utf8').trim();
  } catch {
    return undefined; // a free loop device has no such file
  }
}
