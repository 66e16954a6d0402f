// A container's first process that had ended before this daemon looked for it.
//
// - `endedChild(ending)`: a `KeptChild` of which nothing is left but its end
//
// Its keeper has written that end and gone: there is no stream to attach to any more.

import type { Ending, KeptChild } from '@slipway/native';
import { conflict } from '../../engine/refusal.ts';

export function endedChild(ending: Ending): KeptChild {
  return {
    ...{ name: 'main', pid: 0, pidfd: -1, startedAtNs: 0n, timings: [] },
    ...{ hasTerminal: false, sinks: [] },
    wait: () => Promise.resolve(ending),
    kill: () => false,
    attach: () => Promise.reject(conflict('its output has ended')),
    stdin: () => Promise.resolve(undefined),
    closeStdin: () => Promise.resolve(),
    resize: () => Promise.resolve(),
  };
}
