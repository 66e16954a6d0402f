// A command line, read as docker's own client reads it (Go's pflag).
//
// - `grammar(usage, about)`        `.option(flags, about, read, initial)`, `.passThroughOptions()`
// - `collect`                      a reader for what may be given several times
// - `.read(args)`                  → options and the other words; @throws Failure, or HelpAsked
//
//     -abc  -n5  -n=5  --name=x  --name x  --all=false  --  each means what it means there
//
// A switch is an option without `<value>`. A reader that throws makes `invalid argument "x" for
// "-n, --last" flag: …`. An option called `--no-x` sets `x`, which is true without it.

import { Failure } from './failure.ts';
import { nearest } from './nearest.ts';

type Read = (value: string, before: never) => unknown;
/** A reader, or the value of what is not given. */
type Reading = Read | string;

interface Option {
  /** As it is shown: `-n, --last`. */
  readonly flags: string;
  readonly short: string | undefined;
  readonly long: string;
  readonly value: string | undefined;
  readonly about: string;
  readonly key: string;
  readonly read: Reading | undefined;
}

export interface Words {
  readonly options: Readonly<Record<string, unknown>>;
  readonly args: readonly string[];
}

/** `--help` was among them: its text goes to standard output. */
export class HelpAsked extends Error {
  override readonly name = 'HelpAsked';
}

export class Grammar {
  /** `ps`, `network ls`. */
  readonly name: string;
  readonly #usage: string;
  readonly #about: string;
  readonly #options: Option[] = [];
  readonly #initial: Record<string, unknown> = {};
  #stopsAtWord = false;

  constructor(usage: string, about: string) {
    this.name = /^[a-z-]+( [a-z]+(?= |$))?/.exec(usage)?.[0] ?? usage;
    this.#usage = usage;
    this.#about = about;
  }

  option(flags: string, about: string, read?: Reading, initial?: unknown): this {
    const [, short, long = '', value] = /^(?:-(\w), )?--([\w-]+)(?: <(.+)>)?$/.exec(flags) ?? [];
    const key = long
      .replace(/^no-/, '')
      .replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
    const shown = short === undefined ? `--${long}` : `-${short}, --${long}`;
    this.#options.push({ flags: shown, short, long, value, about, key, read });
    const atFirst = typeof read === 'function' ? initial : read;
    if (atFirst !== undefined) this.#initial[key] = atFirst;
    if (long.startsWith('no-')) this.#initial[key] = true;
    return this;
  }

  /** The first word that is no option ends them: what follows belongs to somebody else. */
  passThroughOptions(): this {
    this.#stopsAtWord = true;
    return this;
  }

  read(args: readonly string[]): Words {
    const options: Record<string, unknown> = { ...this.#initial };
    const words: string[] = [];
    const queue = [...args];
    for (let word = queue.shift(); word !== undefined; word = queue.shift()) {
      if (word === '--') return { options, args: [...words, ...queue] };
      if (word.startsWith('--')) this.#readLong(word, queue, options);
      else if (word.startsWith('-') && word !== '-') this.#readShort(word, queue, options);
      else if (this.#stopsAtWord) return { options, args: [...words, word, ...queue] };
      else words.push(word);
    }
    return { options, args: words };
  }

  #readLong(word: string, queue: string[], options: Record<string, unknown>): void {
    const [flag = '', ...rest] = word.split('=');
    if (flag === '--help') throw new HelpAsked(this.help());
    const option = this.#options.find(({ long }) => `--${long}` === flag);
    if (option === undefined) throw this.#unknown(flag);
    const given = rest.length > 0 ? rest.join('=') : undefined;
    const value = option.value === undefined ? (given ?? 'true') : (given ?? queue.shift());
    if (value === undefined) throw this.wrong(`flag needs an argument: ${flag}`);
    this.#apply(option, value, options);
  }

  #readShort(word: string, queue: string[], options: Record<string, unknown>): void {
    for (let at = 1; at < word.length; at += 1) {
      const letter = word[at] ?? '';
      const option = this.#options.find(({ short }) => short === letter);
      if (option === undefined) {
        throw this.wrong(`unknown shorthand flag: '${letter}' in ${word}`);
      }
      const rest = word.slice(at + 1);
      if (option.value === undefined && !rest.startsWith('=')) {
        this.#apply(option, 'true', options);
        continue;
      }
      const value = rest === '' ? queue.shift() : rest.replace(/^=/, '');
      if (value === undefined) {
        throw this.wrong(`flag needs an argument: '${letter}' in ${word}`);
      }
      return this.#apply(option, value, options);
    }
  }

  #apply(option: Option, value: string, options: Record<string, unknown>): void {
    const { key, long, flags, read } = option;
    try {
      if (option.value === undefined) options[key] = truth(value) !== long.startsWith('no-');
      else options[key] = typeof read === 'function' ? read(value, options[key] as never) : value;
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw this.wrong(`invalid argument ${JSON.stringify(value)} for "${flags}" flag: ${why}`);
    }
  }

  #unknown(flag: string): Failure {
    const near = nearest(
      flag,
      this.#options.map(({ long }) => `--${long}`),
    );
    return this.wrong(
      `unknown flag: ${flag}${near === undefined ? '' : `\nDid you mean ${near}?`}`,
    );
  }

  /** Words, how it is used, and where to read more. */
  wrong(words: string, exitStatus = 125): Failure {
    const more = `Run 'slipway ${this.name} --help' for more information`;
    return new Failure(`${words}\n\n${this.usage()}\n\n${more}`, exitStatus);
  }

  usage(): string {
    return `Usage:  slipway ${this.#usage}`;
  }

  help(): string {
    const lines = this.#options
      .toSorted((a, b) => (a.long < b.long ? -1 : 1))
      .map(({ short, long, value, about }) => {
        const start = `${short === undefined ? '   ' : `-${short},`} --${long}`;
        return [`  ${start}${value === undefined ? '' : ` ${value}`}`, about] as const;
      });
    const width = Math.max(0, ...lines.map(([start]) => start.length));
    const options = lines.map(([start, about]) => `${start.padEnd(width)}   ${about}`);
    const table = options.length === 0 ? [] : ['', 'Options:', ...options];
    return [this.usage(), '', this.#about, ...table, ''].join('\n');
  }
}

export function grammar(usage: string, about: string): Grammar {
  return new Grammar(usage, about);
}

/** For an option that may be given several times. */
export function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}

function truth(value: string): boolean {
  if (/^(1|t|T|TRUE|true|True)$/.test(value)) return true;
  if (/^(0|f|F|FALSE|false|False)$/.test(value)) return false;
  throw new Error(`strconv.ParseBool: parsing ${JSON.stringify(value)}: invalid syntax`);
}
