// The router: from a method and a path to the route and what the path names.
//
// - `new Router(routes)`, `find(method, path)`
//
// A `:segment` may hold `/`, because names of images do: `/images/host:5000/a/b:tag/json`. So it is
// as long as the rest of the pattern allows. Of two patterns that fit, the one with fewer such
// segments wins, then the one with more letters of its own; how the table is ordered plays no part.

import type { ApiVersion, Route } from '../route.ts';
import { isBefore } from './versions.ts';

export interface Found {
  readonly route: Route;
  readonly params: Readonly<Record<string, string>>;
}

interface Pattern {
  readonly route: Route;
  readonly expression: RegExp;
  readonly names: readonly string[];
  readonly letters: number;
}

export class Router {
  /** By method and first segment. */
  readonly #patterns = new Map<string, readonly Pattern[]>();

  constructor(routes: readonly Route[]) {
    for (const [key, group] of Map.groupBy(routes, ({ method, path }) => keyOf(method, path))) {
      const patterns = group.map(compile);
      this.#patterns.set(key, patterns.toSorted(closerFirst));
    }
  }

  /** The path is decoded and without its version. */
  find(method: string, path: string, version: ApiVersion): Found | undefined {
    for (const { route, expression, names } of this.#patterns.get(keyOf(method, path)) ?? []) {
      const match = expression.exec(path);
      if (match === null || (route.since !== undefined && isBefore(version, route.since))) continue;
      const params = Object.fromEntries(names.map((name, index) => [name, match[index + 1] ?? '']));
      return { route, params };
    }
    return undefined;
  }
}

function keyOf(method: string, path: string): string {
  const end = path.indexOf('/', 1);
  return `${method} ${end === -1 ? path : path.slice(0, end)}`;
}

function compile(route: Route): Pattern {
  const names: string[] = [];
  const source = route.path.replaceAll(/:(\w+)|[.*+?^${}()|[\]\\]/g, (found, name?: string) => {
    if (name === undefined) return `\\${found}`;
    names.push(name);
    return '(.+)';
  });
  const letters = route.path.replaceAll(/:\w+/g, '').length;
  return { route, expression: new RegExp(`^${source}$`, 's'), names, letters };
}

function closerFirst(a: Pattern, b: Pattern): number {
  return a.names.length - b.names.length || b.letters - a.letters;
}
