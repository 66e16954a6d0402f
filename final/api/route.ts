// One line of the API: a method and a path, what may be sent, which job it becomes, the answer.
//
// - `Route`: the line; `route(…)` makes one with its types
// - `Call`: a request that has passed its schemas
// - `Answer`: what comes back: JSON, nothing, bytes, or a connection that leaves HTTP
//
// A route holds no work of its own: it turns a request into the environment of a job and the job's
// result into an answer. Paths are written without the version; `:name` is a segment that may
// contain `/` and `:` (names of images do).

import type { z } from 'zod';
import type { Engine } from '../engine/engine.ts';
import type { Bytes } from '../engine/job.ts';
import type { Connection } from './connection.ts';
import type { MessageKind } from './websocket.ts';

export type Method = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE';

/** `1.24` to `1.51`, as two numbers. */
export interface ApiVersion {
  readonly major: number;
  readonly minor: number;
}

export interface Call<Query, Body> {
  readonly engine: Engine;
  readonly version: ApiVersion;
  /** The `:segments` of the path, decoded. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: Query;
  readonly body: Body;
  /** The body as it arrives, for routes with `body: 'stream'`; empty for the others. */
  readonly stream: Bytes;
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** Aborted when the client is gone. */
  readonly signal: AbortSignal;
}

export type Answer =
  | { readonly kind: 'empty'; readonly status: 200 | 201 | 204; readonly headers?: Headers }
  | { readonly kind: 'text'; readonly text: string; readonly headers?: Headers }
  | {
      readonly kind: 'json';
      readonly status: 200 | 201;
      readonly value: unknown;
      readonly headers?: Headers;
    }
  | {
      readonly kind: 'stream';
      readonly type: string;
      /** Headers go out at once, before the first of it. An error in it cuts the connection. */
      readonly chunks: AsyncIterable<Uint8Array | string>;
      /** Headers go out together with the first of it instead. */
      readonly withFirst?: boolean;
      readonly headers?: Headers;
    }
  | {
      readonly kind: 'hijack';
      /** The content type that is announced: raw or multiplexed. */
      readonly type: string;
      /** By WebSocket, in messages of this kind. */
      readonly webSocket?: MessageKind;
      /** Has the connection for as long as it runs; it is closed when this returns. */
      readonly converse: (connection: Connection) => Promise<void>;
    };

type Headers = Readonly<Record<string, string>>;

export interface Route<Query = unknown, Body = unknown> {
  readonly method: Method;
  readonly path: string;
  /** Of the job that it becomes, for the table that is shown. */
  readonly job: string;
  /** The first version that has it; default: all. */
  readonly since?: ApiVersion;
  readonly query?: z.ZodType<Query>;
  /** A schema for a JSON body, or the body as it comes. Default: a body is ignored. */
  readonly body?: z.ZodType<Body> | 'stream';
  /** Whether nothing is a fault, too; else it is an empty object. */
  readonly needsBody?: boolean;
  /** Whether an answer may leave HTTP: only then does the server let go of a connection. */
  readonly hijack?: boolean;
  /** How a refusal is told: as `{"message": …}`, or as attach does it, as bare text. */
  readonly refusals?: 'json' | 'raw';
  readonly handle: (call: Call<Query, Body>) => Promise<Answer>;
}

/** The same value; its types are found here once and forgotten by the table. */
export function route<Query = Record<string, never>, Body = undefined>(
  one: Route<Query, Body>,
): Route {
  // The server calls `handle` only with what the two schemas of the same route have let through.
  return one as unknown as Route;
}
