// Where a mount may go.
//
// - `readTarget(text, asked)`: the target in its one normal form
//
// Source: volume/mounts of moby, for what Docker refuses and by which name.

import { posix } from 'node:path';
import { refuse } from './mount-request.ts';

/**
 * `text` without doubled or trailing slashes.
 *
 * @throws UsageError if it is not absolute, or is a place that is the container's own
 */
export function readTarget(text: string, asked: string): string {
  if (text === '') refuse(asked, 'it has no target: write the path inside');
  if (text.includes('\0')) refuse(asked, 'a path cannot hold a NUL byte');
  // #hole targets: Not every path is a target. `./data` is relative to nothing: there
  // is no working directory yet. `/` is the root itself, and under /proc the kernel
  // answers.
  if (!text.startsWith('/')) {
    refuse(asked, `the target ${text} is relative: it has to begin with /`);
  }
  const target = posix.join('/', text).replace(/(.)\/$/, '$1');
  if (target === '/') {
    refuse(asked, 'the target / is the root itself: take a folder in it');
  }
  if (target === '/proc' || target.startsWith('/proc/')) {
    refuse(asked, `the target ${target} is inside /proc, where the kernel answers`);
  }
  return target;
  // #instead
  // return posix.join('/', text).replace(/(.)\/$/, '$1');
  // #endhole
}
