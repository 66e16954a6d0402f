// What lies at an address on the web, for `docker import URL`.
//
// - `download(address, signal)`: the whole address, and its content
//
// Without a scheme it is http, as in Docker; redirections are followed.

import { request as plain, type IncomingMessage } from 'node:http';
import { request as encrypted } from 'node:https';
import { text } from 'node:stream/consumers';
import type { Bytes } from '../engine/job.ts';
import { failed, invalid, notFound } from '../engine/refusal.ts';
import { networkWords } from './knock.ts';

export interface Download {
  readonly address: string;
  readonly content: Bytes;
}

const mostRedirections = 10;

/** @throws Refusal INVALID, NOT_FOUND, FAILED in the words of Go's net/http */
export async function download(written: string, signal: AbortSignal): Promise<Download> {
  const address = written.includes('://') ? written : `http://${written}`;
  if (!URL.canParse(address)) throw invalid(`parse ${JSON.stringify(address)}: invalid URL`);
  const answer = await get(new URL(address), address, signal, mostRedirections);
  const { statusCode: status = 0, statusMessage = '' } = answer;
  if (status < 400) return { address, content: answer };
  const said = (await text(answer)).trim();
  const why = `failed to GET ${address} with status ${status} ${statusMessage}: ${said}`;
  throw status === 404 ? notFound(why) : invalid(why);
}

async function get(
  url: URL,
  shown: string,
  signal: AbortSignal,
  left: number,
): Promise<IncomingMessage> {
  const refused = (why: string): string => `Get ${JSON.stringify(shown)}: ${why}`;
  const requests = { 'http:': plain, 'https:': encrypted } as const;
  const { protocol, host } = url;
  const request = protocol === 'http:' || protocol === 'https:' ? requests[protocol] : undefined;
  if (request === undefined)
    throw invalid(refused(`unsupported protocol scheme "${protocol.slice(0, -1)}"`));
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  request(url, { signal }, resolve).once('error', reject).end();
  const answer = await promise.catch((cause: unknown) => {
    throw failed(refused(networkWords(host, cause)), { cause });
  });
  const { location } = answer.headers;
  const isMoved = [301, 302, 303, 307, 308].includes(answer.statusCode ?? 0);
  if (!isMoved || location === undefined) return answer;
  answer.resume();
  if (left === 0) throw failed(refused(`stopped after ${mostRedirections} redirects`));
  if (!URL.canParse(location, url.href)) throw failed(refused(`invalid location ${location}`));
  return get(new URL(location, url), shown, signal, left - 1);
}
