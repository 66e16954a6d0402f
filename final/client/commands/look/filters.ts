// `--filter name=value`, as the API takes them.
//
// - `filter`            its reader; @throws Error in docker's words
// - `filtersOf(list)`   JSON, or undefined without any

import { collect } from '../../command.ts';

/** The reader of `--filter`. @throws Error */
export function filter(text: string, before: readonly string[]): readonly string[] {
  if (text.includes('=')) return collect(text, before);
  throw new Error('bad format of filter (expected name=value)');
}

export function filtersOf(list: readonly string[]): string | undefined {
  if (list.length === 0) return undefined;
  const filters: Record<string, Record<string, true>> = {};
  for (const one of list) {
    const [name = '', ...value] = one.split('=');
    (filters[name.trim().toLowerCase()] ??= {})[value.join('=').trim()] = true;
  }
  return JSON.stringify(filters);
}
