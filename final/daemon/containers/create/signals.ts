// Signals as callers write them: a number, `SIGTERM`, `term`.
//
// - `parseSignal(written)`: its number; undefined if there is no such signal
//
// Sources: signal(7); the real-time ones count from SIGRTMIN (34), as the C library has it.

import { constants } from 'node:os';

const realTime = { RTMIN: 34, RTMAX: 64 } as const;

export function parseSignal(written: string): number | undefined {
  if (/^\d+$/.test(written)) {
    const number = Number(written);
    return number > 0 ? number : undefined;
  }
  const name = written.toUpperCase().replace(/^SIG/, '');
  const offset = /^RT(MIN|MAX)(?:([+-])(\d{1,2}))?$/.exec(name);
  if (offset !== null) {
    const [, from, sign = '+', by = '0'] = offset;
    const number = realTime[from === 'MIN' ? 'RTMIN' : 'RTMAX'] + Number(`${sign}${by}`);
    return number >= realTime.RTMIN && number <= realTime.RTMAX ? number : undefined;
  }
  return Object.entries(constants.signals).find(([known]) => known === `SIG${name}`)?.[1];
}
