// Memory that a burst of work has left behind, back to the kernel.
//
// - `giveBackMemory()`: what the C library keeps, and pages of the program that are read from its
//   file again if they are needed: by a thread, nobody waits for it
// - `collectGarbage('all')`: and no room is kept; everybody waits some ten milliseconds
// - `collectGarbage('once')`: half as long; what is left V8 collects later, in small steps
//
// V8 keeps the room that its heap once needed, and the C library what was freed: both believe that
// it will be needed again soon. Who knows that nothing is going on can say so. Of the program, many
// megabytes are read to start, and a few of them ever after.
// Sources: malloc_trim(3), madvise(2).

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { native } from './binding.ts';
import { syscallErrorFrom } from './syscall-error.ts';

type Collect = (how: {
  readonly type: 'major';
  readonly execution: 'sync';
  readonly flavor: 'last-resort' | 'regular';
}) => void;

/** @throws SyscallError where /proc is missing */
export async function giveBackMemory(): Promise<void> {
  try {
    await native().giveBackMemory();
  } catch (error) {
    throw syscallErrorFrom(error);
  }
}

export function collectGarbage(how: 'all' | 'once'): void {
  // The collector has no other door; only a context that is made now has it.
  setFlagsFromString('--expose-gc');
  const collect: Collect = runInNewContext('gc');
  setFlagsFromString('--no-expose-gc');
  const flavor = how === 'all' ? 'last-resort' : 'regular';
  collect({ type: 'major', execution: 'sync', flavor });
}
