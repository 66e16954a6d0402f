// The grammar of a query's values, as schemas: what stands behind `?` in a path.
//
//     query: z.object({ all: flag(), limit: integer(), filters: filters(['label', 'status']) })
//
// - `flag()`        false when absent; so are `0`, `no`, `false`, `none` and nothing, as in Docker
// - `flagOr(value)` the same with another default
// - `text()`        undefined when absent or empty
// - `list()`        every value of a name that may be repeated (`names=a&names=b`)
// - `integer()`     undefined when absent or empty; `requiredInteger()` must be there
// - `moment()`      a point of time (see moments.ts), undefined when absent, empty or `0`
// - `filters(names)` a map of accepted names (see filters.ts); `anyFilters()` of any
//
// A name that a route does not know is ignored; of a repeated one the first value counts. A value
// that cannot be read is an issue of the schema, from which the server makes a 400 with its name.

import { z } from 'zod';
import { invalid } from '../engine/refusal.ts';
import { type Filters, parseFilters } from './filters.ts';
import { type Moment, parseMoment } from './moments.ts';

/** What the server gives to a route's schema. */
export type RawQuery = Readonly<Record<string, string | readonly string[]>>;

const raw = z.union([z.string(), z.array(z.string())]).optional();

function firstOf(value: string | readonly string[] | undefined): string {
  return (typeof value === 'string' ? value : value?.[0]) ?? '';
}

export function flag(): z.ZodType<boolean> {
  return flagOr(false);
}

export function flagOr(otherwise: boolean): z.ZodType<boolean> {
  return raw.transform(value => (value === undefined ? otherwise : readFlag(firstOf(value))));
}

function readFlag(value: string): boolean {
  return !['', '0', 'no', 'false', 'none'].includes(value.trim().toLowerCase());
}

export function text(): z.ZodType<string | undefined> {
  return raw.transform(value => firstOf(value) || undefined);
}

export function list(): z.ZodType<readonly string[]> {
  return raw.transform(value => (typeof value === 'string' ? [value] : (value ?? [])));
}

/** One that must be there. */
export function requiredInteger(): z.ZodType<number> {
  return integer({ least: 0 }).transform(value => {
    if (value === undefined) throw notNumber('');
    return value;
  });
}

export interface IntegerRange {
  readonly least?: number;
  readonly most?: number;
  /** What stands before the parser's words; `%v` is what was written. */
  readonly saying?: string;
}

export function integer({
  least = Number.MIN_SAFE_INTEGER,
  most = Number.MAX_SAFE_INTEGER,
  saying = '',
}: IntegerRange = {}): z.ZodType<number | undefined> {
  return raw.transform((value, context) => {
    const written = firstOf(value).trim();
    if (written === '') return undefined;
    const isNumber = /^[+-]?\d+$/.test(written);
    const number = Number(written);
    if (isNumber && number >= least && number <= most) return number;
    if (!isNumber) throw notNumber(written, saying);
    context.addIssue(`${JSON.stringify(written)} is not a number from ${least} to ${most}`);
    return z.NEVER;
  });
}

/** In the words of Docker's parser. */
function notNumber(written: string, saying = ''): Error {
  const before = saying.replace('%v', written);
  return invalid(`${before}strconv.Atoi: parsing ${JSON.stringify(written)}: invalid syntax`);
}

export function moment(): z.ZodType<Moment | undefined> {
  return raw.transform(value => {
    const written = firstOf(value).trim();
    if (written === '' || written === '0') return undefined;
    const found = parseMoment(written);
    if (found !== undefined) return found;
    throw invalid(`strconv.ParseInt: parsing ${JSON.stringify(written)}: invalid syntax`);
  });
}

/** Of a route that lets pass what it does not know. */
export function anyFilters(): z.ZodType<Filters> {
  return raw.transform(value => parseFilters(firstOf(value)));
}

/** @throws Refusal INVALID `invalid filter 'x'` when a name is not among the accepted ones */
export function filters(accepted: readonly string[]): z.ZodType<Filters> {
  return raw.transform(value => parseFilters(firstOf(value), accepted));
}
