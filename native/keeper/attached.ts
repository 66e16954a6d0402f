// A sink of a kept child, from `attach` to its end.
//
// - `Sinks`: all of one keeper, by number; a sink may outlive its child's end
// - `sinkOrder`: a sink as the keeper is told it
// - `descriptorOf`, `isUnread`: of a connection that Node holds
// - `openPair`: a descriptor for a sink, and what comes out of it as a stream

import { Socket } from 'node:net';
import { call, native } from '../binding.ts';
import type { OpenDescriptor } from '../mounts.ts';
import type { AttachedSink, Sink } from './keeper.ts';
import type { SinkOrder } from './protocol/messages.ts';

type SinkEnd = Awaited<AttachedSink['ended']>;

interface Known {
  readonly ended: PromiseWithResolvers<SinkEnd>;
}

export class Sinks {
  /** An end may be heard before whoever asked for the sink has gone on. */
  readonly #known = new Map<number, Known>();

  /** `detach` tells the keeper. */
  follow(number: number, detach: () => void): AttachedSink {
    const { ended } = this.#find(number);
    void ended.promise.then(() => this.#known.delete(number));
    return { ended: ended.promise, detach };
  }

  end(number: number, how: SinkEnd): void {
    this.#find(number).ended.resolve(how);
  }

  /** The keeper has gone. */
  breakAll(): void {
    for (const { ended } of this.#known.values()) ended.resolve('broken');
  }

  #find(number: number): Known {
    const known = this.#known.get(number) ?? { ended: Promise.withResolvers<SinkEnd>() };
    this.#known.set(number, known);
    return known;
  }
}

/** `place`: where its descriptor stands in the packet. */
export function sinkOrder(sink: Sink, place: number): SinkOrder {
  const streams = sink.streams ?? ['stdout', 'stderr'];
  return {
    descriptor: place,
    stdout: streams.includes('stdout'),
    stderr: streams.includes('stderr'),
    isFramed: sink.isFramed,
    shutsDown: sink.atEnd === 'shutdown',
  };
}

/**
 * The descriptor of an open connection, which stays Node's. What Node has yet to write is written
 * by Node: give the connection to a keeper when nothing is.
 *
 * @throws Error if it is closed
 */
export function descriptorOf(socket: Socket): number {
  const handle: unknown = Reflect.get(socket, '_handle');
  const descriptor: unknown =
    typeof handle === 'object' && handle !== null ? Reflect.get(handle, 'fd') : undefined;
  if (typeof descriptor === 'number' && descriptor >= 0) return descriptor;
  throw new Error('the connection is closed: it has no descriptor');
}

/** Whether the other end has yet to read something; false for a connection that is closed. */
export function isUnread(socket: Socket): boolean {
  return !socket.destroyed && native().isUnread(descriptorOf(socket));
}

/** A connection with two ends of ours: what goes into the descriptor comes out of the stream. */
export interface OpenPair extends OpenDescriptor {
  readonly stream: Socket;
}

/** Disposing closes the descriptor; the stream is the caller's. */
export function openPair(): OpenPair {
  const [descriptor = -1, fd = -1] = call(() => native().socketPair(true));
  return {
    descriptor,
    stream: new Socket({ fd, readable: true, writable: true }),
    [Symbol.dispose]: () => native().close(descriptor),
  };
}
