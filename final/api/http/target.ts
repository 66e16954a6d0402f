// What a request is aimed at: the version, the route, what stands in the path and behind `?`.
//
// - `targetOf(request, router)`    @throws Refusal NOT_FOUND, INVALID
// - `queryOf(target)`              what the route's schema makes of the query
//
// Escapes in the path are undone before it is compared; escapes that are none are refused, as is a
// query that could be split in two ways (`;`).

import type { IncomingMessage } from 'node:http';
import { invalid, notFound } from '../../engine/refusal.ts';
import type { RawQuery } from '../query.ts';
import type { ApiVersion, Route } from '../route.ts';
import { wordsOf } from './body.ts';
import type { Router } from './router.ts';
import { splitVersion } from './versions.ts';

export interface Target {
  readonly version: ApiVersion;
  readonly route: Route;
  readonly params: Readonly<Record<string, string>>;
  readonly search: string;
}

export function targetOf({ method = '', url = '' }: IncomingMessage, router: Router): Target {
  const start = url.startsWith('/') ? 0 : url.indexOf('/', url.indexOf('://') + 3);
  const cut = url.indexOf('?');
  const raw = url.slice(Math.max(start, 0), cut === -1 ? undefined : cut);
  const { version, path } = splitVersion(decode(raw));
  const found = router.find(method, path, version);
  if (found === undefined) throw notFound('page not found');
  return { version, ...found, search: cut === -1 ? '' : url.slice(cut + 1) };
}

function decode(path: string): string {
  if (!path.includes('%')) return path;
  try {
    return decodeURIComponent(path);
  } catch {
    throw invalid(`invalid URL escape in ${JSON.stringify(path)}`);
  }
}

export function queryOf({ route, search }: Target): unknown {
  const raw = split(search);
  if (route.query === undefined) return {};
  const parsed = route.query.safeParse(raw);
  if (parsed.success) return parsed.data;
  throw invalid(wordsOf(parsed.error));
}

function split(search: string): RawQuery {
  const wrong = /%(?![0-9a-fA-F]{2}).{0,2}/.exec(search);
  if (wrong !== null) throw invalid(`invalid URL escape ${JSON.stringify(wrong[0])}`);
  if (search.includes(';')) throw invalid('invalid semicolon separator in query');
  const query: Record<string, string | string[]> = Object.create(null) as Record<string, never>;
  if (search === '') return query;
  for (const [name, value] of new URLSearchParams(search)) {
    const known = query[name];
    if (known === undefined) query[name] = value;
    else query[name] = typeof known === 'string' ? [known, value] : [...known, value];
  }
  return query;
}
