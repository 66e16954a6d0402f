// The body of a request: JSON of a bounded size and in a bounded time.
//
// - `hasBody(headers)`                       whether one comes
// - `readBytes(request)`                     all of it
// - `parseBody(bytes, headers, schema)`      what the schema makes of it; none, and `null`, are
//   `{}`
// - `wordsOf(error)`                         what a schema objects to, each field called by its
//   name
//
// The words are those that Docker has for the same faults.

import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { z } from 'zod';
import { invalid, Refusal } from '../../engine/refusal.ts';
import { complaintOf } from './complaint.ts';
import { withKnownNames } from './field-names.ts';

export const mostBytes = 4 * 2 ** 20;
export const longestMs = 60_000;

export function hasBody(headers: IncomingHttpHeaders): boolean {
  const length = headers['content-length'];
  return headers['transfer-encoding'] !== undefined || (length !== undefined && Number(length) > 0);
}

export function tooLarge(): Refusal {
  return new Refusal('TOO_LARGE', `the request's body is larger than ${mostBytes} bytes`);
}

export function tooSlow(): Refusal {
  return new Refusal('TOO_SLOW', `the request's body is not complete after ${longestMs / 1000} s`);
}

/** @throws Refusal TOO_LARGE, TOO_SLOW */
export function readBytes(request: IncomingMessage): Promise<Buffer> {
  if (!hasBody(request.headers)) return Promise.resolve(Buffer.alloc(0));
  // One that says so itself is not waited for.
  if (Number(request.headers['content-length']) > mostBytes) return Promise.reject(tooLarge());
  const chunks: Buffer[] = [];
  let bytes = 0;
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const timer = setTimeout(() => reject(tooSlow()), longestMs);
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > mostBytes) reject(tooLarge());
    else chunks.push(chunk);
  });
  request.once('end', () => resolve(Buffer.concat(chunks)));
  request.once('close', () => reject(invalid('the client went away before it had sent all')));
  return promise.finally(() => {
    clearTimeout(timer);
    request.removeAllListeners('data');
  });
}

/** @throws Refusal INVALID */
export function parseBody<T>(
  bytes: Buffer,
  headers: IncomingHttpHeaders,
  schema: z.ZodType<T>,
  needsBody = false,
): T {
  checkType(headers);
  const value = hasBody(headers) || needsBody ? parseJson(bytes.toString('utf8')) : {};
  const parsed = schema.safeParse(withKnownNames(value ?? {}, schema));
  if (parsed.success) return parsed.data;
  throw invalid(wordsOf(parsed.error));
}

function checkType(headers: IncomingHttpHeaders): void {
  const type = headers['content-type'];
  if (type === undefined && !hasBody(headers)) return;
  if (type === undefined || type.trim() === '') {
    throw invalid(`malformed Content-Type header (${type ?? ''}): mime: no media type`);
  }
  const [mediaType = ''] = type.split(';');
  if (mediaType.trim().toLowerCase() === 'application/json') return;
  throw invalid(`unsupported Content-Type header (${type}): must be 'application/json'`);
}

const surrogate = /\\u[dD][89a-fA-F]/;

/** Half of a pair is no character, and nothing that a system call could be given: U+FFFD. */
function wellFormed(value: unknown): unknown {
  if (typeof value === 'string') return value.toWellFormed();
  if (Array.isArray(value)) return value.map(wellFormed);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, one]) => [key.toWellFormed(), wellFormed(one)]);
  return Object.fromEntries(entries);
}

function parseJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return surrogate.test(text) ? wellFormed(value) : value;
  } catch (cause) {
    throw invalid(complaintOf(text), { cause });
  }
}

export function wordsOf({ issues }: z.ZodError): string {
  const words = issues.slice(0, 5).map(({ path, message }) => {
    const place = path.map(String).join('.');
    const reason = message.replace(/^Invalid input: /, '');
    return place === '' ? `invalid JSON: ${reason}` : `invalid value for ${place}: ${reason}`;
  });
  return words.join('; ');
}
