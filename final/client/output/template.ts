// `--format`: the part of Go's templates that people use.
//
//     {{.Names}}   {{.State.Status}}   {{json .}}   {{json .Config.Env}}   {{index .Labels "a"}}
//     {{range .Mounts}}{{.Source}} {{end}}   {{if .State.Running}}up{{else}}down{{end}}   {{len
//   .X}}
//
// - `template(text)`   @throws Failure naming what is not understood
// - `.render(value)`

import { Failure } from '../failure.ts';

type Part = (dot: unknown) => string;

export function template(source: string): { readonly render: (value: unknown) => string } {
  const tokens = source
    .replaceAll(/\\t/g, '\t')
    .replaceAll(/\\n/g, '\n')
    .split(/(\{\{.*?\}\})/s);
  const queue = tokens.filter(token => token !== '');
  const parts = block(queue, undefined);
  return { render: value => parts.map(part => part(value)).join('') };
}

function wrong(action: string): Failure {
  return new Failure(`template parsing error: {{${action}}} is not understood`, 64);
}

/** Reads up to `end` or `else`, which stays. */
function block(queue: string[], opened: string | undefined): readonly Part[] {
  const parts: Part[] = [];
  while (queue.length > 0) {
    const token = queue[0] ?? '';
    const action = /^\{\{-?\s*(.*?)\s*-?\}\}$/s.exec(token)?.[1];
    if (action === 'end' || action === 'else') {
      if (opened === undefined) throw wrong(action);
      return parts;
    }
    queue.shift();
    parts.push(action === undefined ? () => token : partOf(action, queue));
  }
  if (opened !== undefined) throw wrong(`${opened} without end`);
  return parts;
}

function partOf(action: string, queue: string[]): Part {
  const [word = ''] = action.split(/\s+/);
  const rest = action.slice(word.length).trim();
  if (word !== 'range' && word !== 'if' && word !== 'with') {
    const value = expression(action);
    return dot => written(value(dot));
  }
  const value = expression(rest);
  const body = block(queue, word);
  let other: readonly Part[] = [];
  if (/else/.test(queue.shift() ?? '')) {
    other = block(queue, word);
    queue.shift();
  }
  const say = (parts: readonly Part[], dot: unknown): string => parts.map(one => one(dot)).join('');
  return dot => {
    const found = value(dot);
    if (!isTrue(found)) return say(other, dot);
    if (word === 'if') return say(body, dot);
    return word === 'with'
      ? say(body, found)
      : items(found)
          .map(one => say(body, one))
          .join('');
  };
}

function items(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  return typeof value === 'object' && value !== null ? Object.values(value) : [];
}

function lengthOf(value: unknown): number {
  return typeof value === 'string' ? value.length : items(value).length;
}

function isTrue(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : Boolean(value) && value !== '0';
}

function expression(text: string): (dot: unknown) => unknown {
  const words = text.match(/"(?:[^"\\]|\\.)*"|\S+/g) ?? [];
  const [first = '', ...more] = words;
  if (first.startsWith('.') || first === '$') {
    if (more.length > 0) throw wrong(text);
    return path(first);
  }
  if (first.startsWith('"')) return () => JSON.parse(first) as unknown;
  const args = more.map(word => expression(word));
  const [one] = args;
  if (one === undefined) throw wrong(text);
  switch (first) {
    case 'json':
      return dot => JSON.stringify(one(dot));
    case 'len':
      return dot => lengthOf(one(dot));
    case 'index':
      return dot => args.slice(1).reduce((value, key) => field(value, String(key(dot))), one(dot));
    case 'upper':
      return dot => written(one(dot)).toUpperCase();
    case 'lower':
      return dot => written(one(dot)).toLowerCase();
    case 'join':
      return dot =>
        items(one(dot))
          .map(written)
          .join(written(args[1]?.(dot) ?? ''));
    default:
      throw wrong(text);
  }
}

function path(text: string): (dot: unknown) => unknown {
  const names = text.split('.').filter(name => name !== '' && name !== '$');
  return dot => names.reduce<unknown>((value, name) => field(value, name), dot);
}

function field(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  const found: unknown = Reflect.get(value, name);
  return found;
}

function written(value: unknown): string {
  if (value === undefined || value === null) return '<no value>';
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return `[${value.map(written).join(' ')}]`;
  if (typeof value !== 'object') return JSON.stringify(value);
  const pairs = Object.entries(value).map(([key, one]) => `${key}:${written(one)}`);
  return `map[${pairs.join(' ')}]`;
}
