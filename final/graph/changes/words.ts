// Words as a Dockerfile writes them: quotes, escapes, and variables of the environment.
//
// - `rawWords(text)`: cut at spaces outside of quotes; the quotes stay
// - `meaning(word, env)`: without its quotes, its variables replaced
// - `commandOf(text, shell)`: `["a","b"]`, or a line for the shell
//
//     'as it is'   "with $variables and \" escapes"   \x   $name   ${name:-else}   ${name:+if}
//
// Source: Dockerfile reference, "Environment replacement".

import { invalid } from '../../engine/refusal.ts';

export type Environment = ReadonlyMap<string, string>;

export function rawWords(text: string): readonly string[] {
  const words: string[] = [];
  let word = '';
  let quote = '';
  for (let at = 0; at < text.length; at += 1) {
    const letter = text[at] ?? '';
    if (quote === '' && /\s/.test(letter)) {
      if (word !== '') words.push(word);
      word = '';
      continue;
    }
    word += letter;
    if (letter === '\\' && quote !== "'") {
      at += 1;
      word += text[at] ?? '';
    } else if (letter === quote) quote = '';
    else if (quote === '' && (letter === '"' || letter === "'")) quote = letter;
  }
  if (word !== '') words.push(word);
  return words;
}

/** @throws Refusal INVALID for a quote or a brace without its end */
export function meaning(word: string, env: Environment): string {
  const reader = new Reader(word, env);
  return reader.until(undefined);
}

class Reader {
  readonly #text: string;
  readonly #env: Environment;
  #at = 0;
  #depth = 0;

  constructor(text: string, env: Environment) {
    this.#text = text;
    this.#env = env;
  }

  /** Up to `end`, which is consumed; without one, all of it. */
  until(end: string | undefined): string {
    let meant = '';
    while (this.#at < this.#text.length) {
      const letter = this.#next();
      if (letter === end) return meant;
      if (letter === "'") meant += this.#single();
      else if (letter === '"') meant += this.#double();
      else if (letter === '\\') meant += this.#next();
      else if (letter === '$') meant += this.#variable();
      else meant += letter;
    }
    if (end === undefined) return meant;
    throw invalid('unexpected end of statement while looking for matching }');
  }

  #next(): string {
    const letter = this.#text[this.#at] ?? '';
    this.#at += 1;
    return letter;
  }

  #single(): string {
    const end = this.#text.indexOf("'", this.#at);
    if (end === -1) throw unfinished('single');
    const meant = this.#text.slice(this.#at, end);
    this.#at = end + 1;
    return meant;
  }

  #double(): string {
    let meant = '';
    while (this.#at < this.#text.length) {
      const letter = this.#next();
      if (letter === '"') return meant;
      if (letter === '$') meant += this.#variable();
      else if (letter === '\\' && /["$\\]/.test(this.#text[this.#at] ?? '')) meant += this.#next();
      else meant += letter;
    }
    throw unfinished('double');
  }

  #variable(): string {
    const rest = this.#text.slice(this.#at);
    const plain = /^(?:[A-Za-z_][A-Za-z0-9_]*|[0-9@*#])/.exec(rest)?.[0];
    if (plain !== undefined) {
      this.#at += plain.length;
      return this.#env.get(plain) ?? '';
    }
    const braced = /^\{([A-Za-z_][A-Za-z0-9_]*|[0-9@*#])(:?[-+?]|\})/.exec(rest);
    if (braced === null) {
      if (!rest.startsWith('{')) return '$';
      throw invalid(`unsupported modifier or bad name in substitution: $${rest}`);
    }
    const [all, name = '', modifier = ''] = braced;
    this.#at += all.length;
    const value = this.#env.get(name);
    if (modifier === '}') return value ?? '';
    return this.#modified(name, modifier, value);
  }

  #modified(name: string, modifier: string, value: string | undefined): string {
    this.#depth += 1;
    if (this.#depth > 32) throw invalid(`too many braces within braces: ${name}`);
    const word = this.until('}');
    this.#depth -= 1;
    const isSet = modifier.startsWith(':')
      ? value !== undefined && value !== ''
      : value !== undefined;
    if (modifier.endsWith('+')) return isSet ? word : '';
    if (modifier.endsWith('-') || isSet) return isSet ? (value ?? '') : word;
    throw invalid(`${name}: ${word === '' ? 'parameter not set' : word}`);
  }
}

function unfinished(kind: 'single' | 'double'): Error {
  return invalid(`unexpected end of statement while looking for matching ${kind}-quote`);
}

/** The words of a JSON list, or the shell with the line. */
export function commandOf(text: string, shell: readonly string[]): readonly string[] {
  return listOf(text) ?? [...shell, ...(text === '' ? [] : [text])];
}

/** Undefined if it is no JSON list of texts: then it is a line that begins with `[`. */
export function listOf(text: string): readonly string[] | undefined {
  if (!text.startsWith('[')) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    if (!Array.isArray(value)) return undefined;
    const words: readonly unknown[] = value;
    return words.every(word => typeof word === 'string') ? words : undefined;
  } catch {
    return undefined;
  }
}
