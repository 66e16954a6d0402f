// Memory that a burst of work has left behind, back to the kernel.
//
// - `giveBackMemory()`: collects all garbage, then trims; takes some ten milliseconds
//
// V8 keeps the room that its heap once needed, and the C library what was freed: both believe that
// it will be needed again soon. Who knows that nothing is going on can say so.
// Source: malloc_trim(3).

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { native } from './binding.ts';

type Collect = (how: {
  readonly type: 'major';
  readonly execution: 'sync';
  readonly flavor: 'last-resort';
}) => void;

export function giveBackMemory(): void {
  // The collector has no other door; only a context that is made now has it.
  setFlagsFromString('--expose-gc');
  const collect: Collect = runInNewContext('gc');
  setFlagsFromString('--no-expose-gc');
  collect({ type: 'major', execution: 'sync', flavor: 'last-resort' });
  native().trimMemory();
}
