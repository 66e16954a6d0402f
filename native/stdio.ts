// The standard streams of a child: which descriptors it gets, and what we keep of them.
//
// - `Stdio`: what a caller asks for, one entry for each of 0, 1 and 2
// - `openStreams`: opens pipes and /dev/null; disposing closes the child's ends (and ours, unless
//   `takeParentEnds` has handed them over)
//
// A stream of the caller's that is closed becomes /dev/null: an application whose descriptor 1 is
// missing would write its output into the first file that it opens.

import { Socket } from 'node:net';
import type { Readable, Writable } from 'node:stream';
import { call, native } from './binding.ts';

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

export interface OpenStreams extends Disposable {
  /** The descriptors for 0, 1 and 2 of the child. */
  readonly childEnds: readonly number[];
  /** Our ends as Node streams; from then on they are the caller's. */
  takeParentEnds(): ParentEnds;
}

/** @throws SyscallError if a pipe or /dev/null cannot be opened; nothing stays open then. */
export function openStreams(stdio: Stdio): OpenStreams {
  const ours: (number | undefined)[] = [];
  const opened: number[] = [];
  const childEnds: number[] = [];
  const closeAll = (descriptors: readonly (number | undefined)[]): void => {
    for (const descriptor of descriptors) {
      if (descriptor !== undefined) native().close(descriptor);
    }
  };
  try {
    for (const [number, source] of stdio.entries()) {
      const { childEnd, isOurs, parentEnd } = openOne(source, number);
      childEnds.push(childEnd);
      if (isOurs) opened.push(childEnd);
      ours.push(parentEnd);
    }
  } catch (error) {
    closeAll([...opened, ...ours]);
    throw error;
  }
  return {
    childEnds,
    takeParentEnds: () => parentStreams(ours.splice(0)),
    [Symbol.dispose]: () => closeAll([...opened, ...ours]),
  };
}

interface OpenStream {
  readonly childEnd: number;
  /** It was opened for this child, and is closed once the child has it. */
  readonly isOurs: boolean;
  readonly parentEnd: number | undefined;
}

function openOne(source: StreamSource, number: number): OpenStream {
  if (typeof source === 'number') {
    return { childEnd: source, isOurs: false, parentEnd: undefined };
  }
  if (source === 'inherit' && native().isOpen(number)) {
    return { childEnd: number, isOurs: false, parentEnd: undefined };
  }
  if (source !== 'pipe') {
    // Descriptor 0 is read and the others written; the device does not mind O_RDWR.
    const childEnd = call(() => native().openReadWrite('/dev/null'));
    return { childEnd, isOurs: true, parentEnd: undefined };
  }
  const [read, write] = call(() => native().pipe());
  if (read === undefined || write === undefined) throw new Error('pipe2 gave no two descriptors');
  const [childEnd, parentEnd] = number === 0 ? [read, write] : [write, read];
  return { childEnd, isOurs: true, parentEnd };
}

function parentStreams(ours: readonly (number | undefined)[]): ParentEnds {
  const [stdin, stdout, stderr] = ours.map((fd, number) => {
    if (fd === undefined) return undefined;
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
