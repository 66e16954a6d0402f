// `--filter name=value`, as the API takes them.
//
// - `filtersOf(list)`   JSON, or undefined without any; @throws Failure

import { Failure } from '../../failure.ts';

export function filtersOf(list: readonly string[]): string | undefined {
  if (list.length === 0) return undefined;
  const filters: Record<string, Record<string, true>> = {};
  for (const one of list) {
    const [name = '', ...value] = one.split('=');
    if (value.length === 0) {
      throw new Failure(
        `invalid argument "${one}" for "-f, --filter" flag: invalid filter '${one}'`,
      );
    }
    (filters[name.trim().toLowerCase()] ??= {})[value.join('=').trim()] = true;
  }
  return JSON.stringify(filters);
}
