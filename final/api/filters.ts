// Filters: the JSON that list, prune and events take to choose among things.
//
//     {"label": {"a=b": true}, "status": {"exited": true}}     as clients send it
//     {"label": ["a=b"], "status": ["exited"]}                 the older form
//
// - `parseFilters(text, accepted)`   both forms; names that are not accepted are refused, if said
// - `Filters`                        name → its values; what is not there has none
// - `oneOf(filters, name, value)`    equal to one of the values, or there are none
// - `prefixOf(filters, name, value)` the same, or begins with one
// - `likeOne(filters, name, value)`  the same, or matches one as a regular expression
// - `hasLabels(filters, name, map)`  all values, `key` or `key=value`, are in the map
// - `boolean(filters, name)`         of one value, 1 or true, 0 or false
//
// Every test passes when the filter was not given, so a list is `all.filter(one => a && b && c)`.

import { z } from 'zod';
import { invalid } from '../engine/refusal.ts';

export type Filters = ReadonlyMap<string, readonly string[]>;

const shape = z.record(
  z.string(),
  z.union([z.record(z.string(), z.unknown()), z.array(z.string()), z.null()]),
);

/** @throws Refusal INVALID */
export function parseFilters(text: string, accepted?: readonly string[]): Filters {
  if (text === '') return new Map();
  const parsed = shape.nullable().safeParse(parseJson(text));
  if (!parsed.success) throw invalid('invalid filter');
  const found = new Map<string, readonly string[]>();
  for (const [name, values] of Object.entries(parsed.data ?? {})) {
    if (accepted?.includes(name) === false) throw invalid(`invalid filter '${name}'`);
    found.set(name, Array.isArray(values) ? values : Object.keys(values ?? {}));
  }
  return found;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw invalid('invalid filter');
  }
}

export function valuesOf(filters: Filters, name: string): readonly string[] {
  return filters.get(name) ?? [];
}

export function oneOf(filters: Filters, name: string, value: string): boolean {
  const values = valuesOf(filters, name);
  return values.length === 0 || values.includes(value);
}

export function prefixOf(filters: Filters, name: string, value: string): boolean {
  const values = valuesOf(filters, name);
  return values.length === 0 || values.some(one => value.startsWith(one));
}

export function likeOne(filters: Filters, name: string, value: string): boolean {
  const values = valuesOf(filters, name);
  return values.length === 0 || values.some(one => value === one || matches(one, value));
}

/** A pattern comes from the caller: what is none, or could take for ever, is compared as text. */
function matches(pattern: string, value: string): boolean {
  if (pattern.length > 256 || /[)\]}*+?]\s*[*+{]|\\\d/.test(pattern))
    return value.includes(pattern);
  try {
    return new RegExp(pattern).test(value);
  } catch {
    return false;
  }
}

export function hasLabels(
  filters: Filters,
  name: string,
  labels: Readonly<Record<string, string>>,
): boolean {
  return valuesOf(filters, name).every(wanted => {
    const [key = '', ...rest] = wanted.split('=');
    if (!Object.hasOwn(labels, key)) return false;
    return rest.length === 0 || labels[key] === rest.join('=');
  });
}

/** Undefined when it was not given. @throws Refusal INVALID */
export function boolean(filters: Filters, name: string): boolean | undefined {
  const values = filters.get(name);
  if (values === undefined || values.length === 0) return undefined;
  const yes = values.some(one => one === '1' || one === 'true');
  const no = values.some(one => one === '0' || one === 'false');
  if (yes === no) throw invalid(`invalid filter '${name}=[${values.join(' ')}]'`);
  return yes;
}
