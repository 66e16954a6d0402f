// Whether a registry can be reached at all.
//
// - `knock(domain, signal)`: nothing if somebody answers there
// - `networkWords(host, cause)`: what Node's network says, in Go's words
//
// A registry on this machine itself may speak plain HTTP, as in Docker; any other must have TLS.
// The texts are those of Go's network library, which Docker's users know.

import { request as plain } from 'node:http';
import { request as encrypted } from 'node:https';
import { isIP } from 'node:net';
import { failed } from '../engine/refusal.ts';

const patienceMs = 15_000;

/** @throws Refusal FAILED */
export async function knock(domain: string, signal: AbortSignal): Promise<void> {
  const host = domain === 'docker.io' ? 'registry-1.docker.io' : domain;
  const isLocal = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:|$)/.test(host);
  const address = `${isLocal ? 'http' : 'https'}://${host}/v2/`;
  const request = isLocal ? plain : encrypted;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const asked = request(address, { signal, timeout: patienceMs }, response => {
    response.resume();
    resolve();
  });
  asked.once('timeout', () => asked.destroy(new Error('i/o timeout')));
  asked.once('error', reject);
  asked.end();
  try {
    await promise;
  } catch (cause) {
    throw failed(`Get "${address}": ${networkWords(host, cause)}`, { cause });
  }
}

interface NetworkError {
  readonly code?: string;
  readonly address?: string;
  readonly port?: number;
  readonly errors?: readonly NetworkError[];
  readonly message?: string;
}

const meanings: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connect: connection refused',
  EHOSTUNREACH: 'connect: no route to host',
  ENETUNREACH: 'connect: network is unreachable',
  ETIMEDOUT: 'i/o timeout',
};

export function networkWords(host: string, cause: unknown): string {
  const whole = cause as NetworkError;
  const error = whole.errors?.[0] ?? whole;
  const name = host.replace(/:\d+$/, '');
  if (error.code === 'ENOTFOUND' || error.code === 'EAI_AGAIN') {
    const why =
      error.code === 'ENOTFOUND' ? 'no such host' : 'temporary failure in name resolution';
    return `dial tcp: lookup ${name}: ${why}`;
  }
  const meaning = meanings[error.code ?? ''];
  const place = error.address ?? (isIP(name) === 0 ? host : name);
  const port = error.port === undefined ? '' : `:${error.port}`;
  if (meaning !== undefined) return `dial tcp ${place}${port}: ${meaning}`;
  return error.message ?? String(cause);
}
