// Made from ../../wish/target.ts by `npm run generate`. It leaves out one part: yours.
// See how far you are, in the folder of the chapter: SUBJECT=exercise/run.ts npm test
//
// Where a mount may go.
//
// - `readTarget(text, asked)`: the target in its one normal form
//
// Source: volume/mounts of moby, for what Docker refuses and by which name.

import { posix } from 'node:path';
import { refuse } from '../../wish/mount-request.ts';

/**
 * `text` without doubled or trailing slashes.
 *
 * @throws UsageError if it is not absolute, or is a place that is the container's own
 */
export function readTarget(text: string, asked: string): string {
  if (text === '') refuse(asked, 'it has no target: write the path inside');
  if (text.includes('\0')) refuse(asked, 'a path cannot hold a NUL byte');
  // YOUR PART targets: Not every path is a target. `./data` is relative to nothing:
  // there is no working directory yet. `/` is the root itself, and under /proc the
  // kernel answers.
  return posix.join('/', text).replace(/(.)\/$/, '$1');
}
// As made: b33a93d6
