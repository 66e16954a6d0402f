// The standard streams of a child: which descriptors it gets, and what we keep of them.
//
// - `Stdio`: what a caller asks for, one entry for each of 0, 1 and 2
// - `streamNumbers`: the same as the addon takes it
// - `parentStreams`: our ends of the pipes as Node streams, the caller's from then on
//
// A stream of the caller's that is closed becomes /dev/null: an application whose descriptor 1 is
// missing would write its output into the first file that it opens.

import { Socket } from 'node:net';
import type { Readable, Writable } from 'node:stream';

/** Where one stream leads: the caller's own, nowhere, a pipe to us, or a descriptor. */
export type StreamSource = 'inherit' | 'null' | 'pipe' | number;

export type Stdio = readonly [stdin: StreamSource, stdout: StreamSource, stderr: StreamSource];

/** Our ends of the pipes. */
export interface ParentEnds {
  readonly stdin: Writable | undefined;
  readonly stdout: Readable | undefined;
  readonly stderr: Readable | undefined;
  destroy(): void;
}

/** What stands in place of a descriptor; `addon/src/streams.rs` says the same. */
const numbers = { inherit: -1, null: -2, pipe: -3 } as const;

const noStreams: ParentEnds = {
  stdin: undefined,
  stdout: undefined,
  stderr: undefined,
  destroy: () => undefined,
};

/** @throws RangeError for a number that no descriptor has */
export function streamNumbers(stdio: Stdio): number[] {
  return stdio.map(source => {
    if (typeof source === 'string') return numbers[source];
    if (source >= 0) return source;
    throw new RangeError(`${source} is no descriptor: give 'inherit', 'null', 'pipe' or a number`);
  });
}

/** `ends`: the parent's end at 0, 1 and 2, or -1 where there is no pipe. */
export function parentStreams(ends: readonly number[]): ParentEnds {
  if (ends.every(fd => fd === -1)) return noStreams;
  const [stdin, stdout, stderr] = ends.map((fd, number) => {
    if (fd === -1) return undefined;
    return new Socket({ fd, readable: number !== 0, writable: number === 0 });
  });
  // A reader that has gone shows as EPIPE here; whoever writes is told by the write itself.
  stdin?.on('error', () => undefined);
  return {
    stdin,
    stdout,
    stderr,
    destroy: () => {
      for (const stream of [stdin, stdout, stderr]) stream?.destroy();
    },
  };
}
