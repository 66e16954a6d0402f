/**
 * Temporary folders of ours: `slipway-<pid>-…` in /tmp and /var/tmp, made by scratch(). The name
 * says whose: one that belongs to a living process which is not ours is left out.
 */
import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Fact, Kind } from './state.ts';

export const folders: Kind = {
  name: 'folder',
  read({ processes, ours }) {
    const facts: Record<string, Fact> = {};
    for (const place of new Set([tmpdir(), '/tmp', '/var/tmp']))
      for (const name of readdirSync(place)) {
        const owner = Number(/^slipway-(\d+)-/.exec(name)?.[1] ?? Number.NaN);
        if (Number.isNaN(owner)) continue;
        const foreign =
          owner !== process.pid && !ours.has(owner) && processes.some(({ pid }) => pid === owner);
        if (!foreign) facts[join(place, name)] = { value: '' };
      }
    return facts;
  },
  // What is gone can only have been cleaned up; what matters is what stays behind.
  foreign: ({ change }) => change === 'vanished',
};
