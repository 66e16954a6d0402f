// What a template can call: Go's own functions, and docker's.
//
// - `functions`   by name
//
// Sources: Go, text/template, "Functions"; docker/cli, templates.go.

import { isTrue, itemsOf, jsonOf, lengthOf, written } from './values.ts';

type Call = (...args: readonly unknown[]) => unknown;

function compare(test: (order: number) => boolean): Call {
  return (a, b) => test(orderOf(a, b));
}

function orderOf(a: unknown, b: unknown): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  const [one, other] = [written(a), written(b)];
  return one === other ? 0 : one < other ? -1 : 1;
}

function printed(args: readonly unknown[]): string {
  return args
    .map((one, index) => {
      const before = args[index - 1];
      // Go's Sprint puts a blank between two that are no strings.
      const isApart = index > 0 && typeof one !== 'string' && typeof before !== 'string';
      return `${isApart ? ' ' : ''}${written(one)}`;
    })
    .join('');
}

/** `%s %d %v %q %x %T %5s %-5s %%` */
function formatted(format: unknown, ...args: readonly unknown[]): string {
  const queue = [...args];
  return written(format).replaceAll(
    /%([-+0 ]*)(\d*)(?:\.(\d+))?([a-zA-Z%])/g,
    (_, flags: string, width: string, digits: string | undefined, verb: string) => {
      if (verb === '%') return '%';
      const text = shown(verb, queue.shift(), digits);
      if (flags.includes('-')) return text.padEnd(Number(width));
      return text.padStart(Number(width), flags.includes('0') ? '0' : ' ');
    },
  );
}

function shown(verb: string, value: unknown, digits: string | undefined): string {
  switch (verb) {
    case 'q':
      return JSON.stringify(written(value));
    case 'x':
      return typeof value === 'number'
        ? value.toString(16)
        : Buffer.from(written(value)).toString('hex');
    case 'f':
      return Number(value).toFixed(Number(digits ?? 6));
    case 'T':
      return typeof value === 'number' ? 'int' : typeof value === 'boolean' ? 'bool' : 'string';
    default:
      return digits === undefined ? written(value) : written(value).slice(0, Number(digits));
  }
}

function indexed(value: unknown, ...keys: readonly unknown[]): unknown {
  return keys.reduce((one, key) => {
    if (typeof one !== 'object' || one === null) return undefined;
    const found: unknown = Reflect.get(one, written(key));
    return found ?? (Array.isArray(one) ? undefined : '');
  }, value);
}

function sliced(value: unknown, from: unknown = 0, to?: unknown): unknown {
  const end = to === undefined ? undefined : Number(to);
  if (Array.isArray(value)) return value.slice(Number(from), end);
  return written(value).slice(Number(from), end);
}

const html: Readonly<Record<string, string>> = {
  ...{ '<': '&lt;', '>': '&gt;', '&': '&amp;', '"': '&#34;', "'": '&#39;' },
};

export const functions: Readonly<Record<string, Call>> = {
  json: jsonOf,
  len: lengthOf,
  index: indexed,
  slice: sliced,
  print: (...args) => printed(args),
  println: (...args) => `${args.map(written).join(' ')}\n`,
  printf: formatted,
  html: text => written(text).replaceAll(/[<>&"']/g, char => html[char] ?? char),
  urlquery: text => encodeURIComponent(written(text)),
  not: value => !isTrue(value),
  and: (...args) => args.find(one => !isTrue(one)) ?? args.at(-1),
  or: (...args) => args.find(isTrue) ?? args.at(-1),
  eq: (value, ...others) => others.some(other => orderOf(value, other) === 0),
  ne: compare(order => order !== 0),
  lt: compare(order => order < 0),
  le: compare(order => order <= 0),
  gt: compare(order => order > 0),
  ge: compare(order => order >= 0),
  split: (text, by) => written(text).split(written(by)),
  join: (list, by) =>
    itemsOf(list)
      .map(([, one]) => written(one))
      .join(written(by)),
  upper: text => written(text).toUpperCase(),
  lower: text => written(text).toLowerCase(),
  title: text => written(text).replaceAll(/\b\w/g, letter => letter.toUpperCase()),
  pad: (text, before, after) =>
    `${' '.repeat(Number(before))}${written(text)}${' '.repeat(Number(after))}`,
  truncate: (text, length) => written(text).slice(0, Number(length)),
};
