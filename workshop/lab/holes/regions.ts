/**
 * Named places in a source file: what prose shows, and what an exercise leaves out.
 *
 *     // #region name                 prose includes it by name
 *     // #endregion
 *
 *     // #hole name: What the learner is asked. The text may go on
 *     // over the comment lines that follow; the first other line begins the solution.
 *     return solution();
 *     // #instead
 *     // return nothing();            what the exercise has in its place; may be missing
 *     // #endhole
 *
 * - readMarkers(file, text)     the regions and the holes of a text, `file` is for messages
 * - extractRegion(path, name)   the text of one region, dedented, without markers
 *
 * Regions may nest, and a hole may stand inside a region; nothing stands inside a hole. A region
 * that has a hole in it is never shown: it would show the solution.
 */
import { readFileSync } from 'node:fs';

export interface Region {
  readonly name: string;
  /** The numbers of its two marker lines, from 1. */
  readonly first: number;
  readonly last: number;
}

export interface Hole extends Region {
  /** What the learner is asked, as one line of text. */
  readonly ask: string;
  /** The white space before its marker. */
  readonly indent: string;
  readonly solution: readonly string[];
  readonly instead: readonly string[];
}

export interface Markers {
  readonly regions: readonly Region[];
  readonly holes: readonly Hole[];
}

/** A marker line, taken apart. */
const marker = /^(\s*)\/\/ #(region|endregion|hole|instead|endhole)\b\s*(.*)$/;

interface Open {
  readonly kind: 'region' | 'hole';
  readonly name: string;
  readonly first: number;
  readonly indent: string;
  readonly ask: string;
  /** The number of its `#instead` line. */
  instead?: number;
}

export function readMarkers(file: string, text: string): Markers {
  const lines = text.split('\n');
  const reader = new MarkerReader(file, lines);
  for (const [index, line] of lines.entries()) {
    const [, indent = '', word = '', rest = ''] = marker.exec(line) ?? [];
    reader.read(word, { first: index + 1, indent, rest });
  }
  return reader.end();
}

/**
 * @throws Error if there is no such region, or if it holds a part of an exercise
 */
export function extractRegion(path: string, name: string): string {
  const text = readFileSync(path, 'utf8');
  const { regions, holes } = readMarkers(path, text);
  const region = regions.find(one => one.name === name);
  if (region === undefined) {
    if (holes.some(one => one.name === name)) {
      throw new Error(`${path}: ${name} is a hole: prose never shows a solution`);
    }
    const known = regions.map(one => one.name).join(', ') || 'none';
    throw new Error(`${path} has no region ${name}: it has ${known}`);
  }
  const shown = holes.find(hole => hole.first > region.first && hole.last < region.last);
  if (shown !== undefined) {
    throw new Error(`${path}:${shown.first}: the region ${name} would show the hole ${shown.name}`);
  }
  const lines = text.split('\n').slice(region.first, region.last - 1);
  return dedent(lines.filter(line => !marker.test(line))).join('\n');
}

/** Takes away the white space that all lines begin with. */
function dedent(lines: readonly string[]): readonly string[] {
  const depths = lines.filter(line => line.trim() !== '').map(line => line.search(/\S/));
  const depth = Math.min(...depths, Number.MAX_SAFE_INTEGER);
  return lines.map(line => line.slice(depth));
}

interface Place {
  readonly first: number;
  readonly indent: string;
  readonly rest: string;
}

class MarkerReader {
  readonly #file: string;
  readonly #lines: readonly string[];
  readonly #open: Open[] = [];
  readonly #names = new Map<string, number>();
  readonly #regions: Region[] = [];
  readonly #holes: Hole[] = [];

  constructor(file: string, lines: readonly string[]) {
    this.#file = file;
    this.#lines = lines;
  }

  read(word: string, place: Place): void {
    if (word === 'region' || word === 'hole') this.#begin(word, place);
    if (word === 'endregion') this.#regions.push(this.#close('region', place));
    if (word === 'instead') this.#instead(place);
    if (word === 'endhole') this.#holes.push(this.#closeHole(place));
  }

  end(): Markers {
    const left = this.#open.at(-1);
    if (left) throw this.#error(left.first, `the ${left.kind} ${left.name} is never closed`);
    return { regions: this.#regions, holes: this.#holes };
  }

  #begin(kind: 'region' | 'hole', { first, indent, rest }: Place): void {
    const grammar = kind === 'hole' ? /^([a-z][a-z0-9-]*): (\S.*)$/ : /^([a-z][a-z0-9-]*)$/;
    const [, name, ask = ''] = grammar.exec(rest.trim()) ?? [];
    if (name === undefined) {
      const form =
        kind === 'hole' ? '// #hole lower-case-name: text' : '// #region lower-case-name';
      throw this.#error(first, `#${kind} ${rest.trim()}: write ${form}`);
    }
    const outer = this.#open.find(one => one.kind === 'hole');
    if (outer) {
      throw this.#error(first, `${kind} ${name} begins inside the hole ${outer.name}: close it`);
    }
    const before = this.#names.get(name);
    if (before !== undefined) {
      throw this.#error(first, `the name ${name} is taken on line ${before}: choose another`);
    }
    this.#names.set(name, first);
    this.#open.push({ kind, name, first, indent, ask });
  }

  #instead({ first }: Place): void {
    const hole = this.#open.at(-1);
    if (hole?.kind !== 'hole') throw this.#error(first, '#instead stands outside a hole');
    if (hole.instead) {
      throw this.#error(first, `the hole ${hole.name} has an #instead on line ${hole.instead}`);
    }
    hole.instead = first;
  }

  #close(kind: 'region' | 'hole', { first }: Place): Open & { readonly last: number } {
    const open = this.#open.pop();
    if (open === undefined) throw this.#error(first, `#end${kind} closes nothing`);
    if (open.kind !== kind) {
      const what = `${open.kind} ${open.name} of line ${open.first}`;
      throw this.#error(first, `#end${kind} comes before the end of the ${what}`);
    }
    return { ...open, last: first };
  }

  #closeHole(place: Place): Hole {
    const { name, first, last, indent, ask, instead } = this.#close('hole', place);
    if (instead === undefined) {
      throw this.#error(last, `the hole ${name} has no #instead: add it, even with nothing below`);
    }
    const body = this.#lines.slice(first, instead - 1);
    const begin = body.findIndex(line => !line.trimStart().startsWith('//'));
    if (begin === -1) throw this.#error(first, `the hole ${name} has no solution`);
    const more = body.slice(0, begin).map(line => line.replace(/^\s*\/\/ ?/, '').trim());
    return {
      name,
      first,
      last,
      indent,
      ask: [ask, ...more].join(' '),
      solution: body.slice(begin),
      instead: this.#uncommented(instead, last, name),
    };
  }

  #uncommented(from: number, to: number, name: string): readonly string[] {
    return this.#lines.slice(from, to - 1).map((line, index) => {
      const [, indent, code] = /^(\s*)\/\/ ?(.*)$/.exec(line) ?? [];
      if (indent === undefined || code === undefined) {
        const number = from + index + 1;
        throw this.#error(number, `below #instead of ${name} each line begins with //`);
      }
      return `${indent}${code}`;
    });
  }

  #error(line: number, what: string): Error {
    return new Error(`${this.#file}:${line}: ${what}`);
  }
}
