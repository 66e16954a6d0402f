// A template's pieces become functions of what they are shown.
//
// - `parseTemplate(pieces)`   @throws Error in Go's words
// - `Part`, `Scope`
//
//     pipeline = command ('|' command)*        the value goes to the next one as its last argument
//     command  = operand operand*              a function or a method, and what it is given

import { Failure } from '../../failure.ts';
import { functions } from './functions.ts';
import { fieldOf, isTrue, itemsOf, written } from './values.ts';
import { wordsOf, type Piece, type Word } from './words.ts';

export interface Scope {
  readonly dot: unknown;
  readonly variables: Map<string, unknown>;
  readonly missing: (name: string) => string;
}

export type Part = (scope: Scope) => string;
type Value = (scope: Scope) => unknown;

export function parseTemplate(pieces: readonly Piece[]): readonly Part[] {
  const queue = [...pieces];
  const { parts } = block(queue, undefined);
  return parts;
}

interface Block {
  readonly parts: readonly Part[];
  /** What has ended it: `end`, or `else …`. */
  readonly end: Word[];
}

function block(queue: Piece[], opened: string | undefined): Block {
  const parts: Part[] = [];
  for (let piece = queue.shift(); piece !== undefined; piece = queue.shift()) {
    if (piece.kind === 'text') {
      const { text } = piece;
      parts.push(() => text);
      continue;
    }
    const words = wordsOf(piece);
    const first = words[0]?.text;
    if (first === 'end' || first === 'else') {
      if (opened === undefined) throw new Error(`unexpected {{${first}}}`);
      return { parts, end: words };
    }
    parts.push(action(words, queue));
  }
  if (opened !== undefined) throw new Error('unexpected EOF');
  return { parts, end: [] };
}

function action(words: Word[], queue: Piece[]): Part {
  const keyword = words[0]?.text;
  if (keyword === 'range' || keyword === 'if' || keyword === 'with') {
    return branch(keyword, words.slice(1), queue);
  }
  const { names, value } = declaration(words);
  if (names.length === 0) return scope => written(value(scope));
  return scope => {
    scope.variables.set(names[0] ?? '', value(scope));
    return '';
  };
}

function branch(keyword: string, words: Word[], queue: Piece[]): Part {
  const { names, value } = declaration(words);
  const { parts: body, end } = block(queue, keyword);
  const other = otherwise(end, queue, keyword);
  const say = (parts: readonly Part[], scope: Scope): string =>
    parts.map(part => part(scope)).join('');
  return scope => {
    const found = value(scope);
    if (!isTrue(found)) return say(other, scope);
    const inside = { ...scope, variables: new Map(scope.variables) };
    if (keyword !== 'range') {
      if (names[0] !== undefined) inside.variables.set(names[0], found);
      return say(body, keyword === 'with' ? { ...inside, dot: found } : inside);
    }
    const [first = '', second] = names;
    const each = itemsOf(found).map(([key, one]) => {
      if (second !== undefined) inside.variables.set(first, key).set(second, one);
      else if (first !== '') inside.variables.set(first, one);
      return say(body, { ...inside, dot: one });
    });
    return each.join('');
  };
}

function otherwise(end: Word[], queue: Piece[], keyword: string): readonly Part[] {
  if (end[0]?.text !== 'else') return [];
  // `else if …` is an `if` whose end is also ours.
  if (end.length > 1) return [branch(end[1]?.text ?? 'if', end.slice(2), queue)];
  return block(queue, keyword).parts;
}

/** `$a, $b := pipeline`, or a pipeline. */
function declaration(words: Word[]): { readonly names: readonly string[]; readonly value: Value } {
  const at = words.findIndex(({ text }) => text === ':=' || text === '=');
  const names = words.slice(0, Math.max(at, 0)).map(({ text }) => text);
  const rest = words.slice(at + 1);
  return { names: names.filter(name => name !== ','), value: pipeline(rest) };
}

function pipeline(words: Word[]): Value {
  const queue = [...words];
  let value = command(queue, undefined);
  while (queue[0]?.text === '|') {
    queue.shift();
    value = command(queue, value);
  }
  if (queue[0] !== undefined) throw new Error(`unexpected <${queue[0].text}> in command`);
  return value;
}

function command(queue: Word[], piped: Value | undefined): Value {
  const [head] = queue;
  if (head === undefined || head.text === '|') throw new Error('missing value for command');
  const isName = /^[A-Za-z_]/.test(head.text) && !/^(true|false|nil)$/.test(head.text);
  const first = isName ? undefined : operand(queue);
  if (isName) queue.shift();
  const args: Value[] = [];
  while (queue[0] !== undefined && queue[0].text !== '|' && queue[0].text !== ')') {
    args.push(operand(queue));
  }
  if (piped !== undefined) args.push(piped);
  if (first !== undefined) return scope => called(first(scope), args, scope);
  const call = Object.hasOwn(functions, head.text) ? functions[head.text] : undefined;
  if (call === undefined) throw new Error(`function ${JSON.stringify(head.text)} not defined`);
  return scope => call(...args.map(arg => arg(scope)));
}

function called(value: unknown, args: readonly Value[], scope: Scope): unknown {
  return typeof value === 'function' ? value(...args.map(arg => arg(scope))) : value;
}

function operand(queue: Word[]): Value {
  const head = queue.shift();
  if (head === undefined) throw new Error('missing value for command');
  const base = operandOf(head, queue);
  const next = queue[0];
  if (head.text !== ')' && next?.text.startsWith('.') && next.text !== '.' && !next.isSpaced) {
    queue.shift();
    return chain(base, next, next.text);
  }
  return base;
}

function operandOf(head: Word, queue: Word[]): Value {
  const { text } = head;
  if (text === '(') {
    const inside: Word[] = [];
    for (let depth = 1; depth > 0;) {
      const word = queue.shift();
      if (word === undefined) throw new Error('unclosed left paren');
      depth += word.text === '(' ? 1 : word.text === ')' ? -1 : 0;
      if (depth > 0) inside.push(word);
    }
    return pipeline(inside);
  }
  if (text === '.') return ({ dot }) => dot;
  if (text.startsWith('.')) return chain(({ dot }) => dot, head, text);
  if (text.startsWith('$')) return variable(head);
  if (text.startsWith('"')) return always(JSON.parse(text));
  if (text.startsWith('`')) return always(text.slice(1, -1));
  if (/^-?\d/.test(text)) return always(Number(text));
  if (text === 'true' || text === 'false') return always(text === 'true');
  if (text === 'nil') return always(undefined);
  return command([head], undefined);
}

function always(value: unknown): Value {
  return () => value;
}

function variable(head: Word): Value {
  const [name = '$', ...fields] = head.text.split('.');
  const base: Value = ({ variables }) => variables.get(name);
  return fields.length === 0 ? base : chain(base, head, `.${fields.join('.')}`);
}

function chain(base: Value, { column }: Word, text: string): Value {
  const names = text.slice(1).split('.');
  // Go points to the second field, if there is one.
  const place = column + (names.length > 1 ? (names[0]?.length ?? 0) + 1 : 0);
  return scope =>
    names.reduce<unknown>((value, name, index) => {
      const { value: found, isMissing } = fieldOf(value, name, index === 0);
      if (!isMissing) return found;
      const where = `template: :1:${place}: executing "" at <${text}>`;
      throw new Failure(`failed to execute template: ${where}: ${scope.missing(name)}`);
    }, base(scope));
}
