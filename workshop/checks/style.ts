/**
 * What STYLE asks of a file and no formatter knows: its size, its first lines, its name.
 *
 * - sizes    at most 400 lines a file, 100 characters a line (88 in a chapter: it must fit a
 *            slide), and half of all files at most 100 lines
 * - headers  a file opens with what it is, in at least three lines; a small one (60) in one
 * - names    kebab-case, and never a name that names nothing: utils, helpers, common, misc
 */
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type Check, filesOf } from './check.ts';

interface Source {
  readonly file: string;
  readonly lines: readonly string[];
}

function sourcesOf(root: string, pattern: string): readonly Source[] {
  return filesOf(root, pattern).map(file => {
    const text = readFileSync(join(root, file), 'utf8');
    return { file, lines: text.replace(/\n$/, '').split('\n') };
  });
}

export const sizes: Check = {
  name: 'sizes',
  todo: 'split the file by its nouns; break the line',
  run: root => {
    // An exercise is made from its chapter, whose lines are what they should be.
    const sources = sourcesOf(root, '**/*.{ts,mjs,rs}').filter(
      ({ file }) => !/^chapters\/[^/]+\/exercise\//.test(file),
    );
    return [...sources.flatMap(tooLarge), ...medianTooLarge(sources)];
  },
};

function tooLarge({ file, lines }: Source): readonly string[] {
  const widest = file.startsWith('chapters/') ? 88 : 100;
  const long = lines.length > 400 ? [`${file} has ${lines.length} lines: at most 400`] : [];
  // A snapshot in a test shows its output as it is.
  const free = file.endsWith('.test.ts');
  // An address cannot be broken, nor can a row of a table that is drawn in a comment.
  const whole = /:\/\/|^\s*(\/\/[!/]?|\*) +[|│].*[|│]$/;
  const wide = lines.flatMap((line, index) =>
    line.length > widest && !free && !whole.test(line)
      ? [`${file}:${index + 1} has ${line.length} characters: at most ${widest}`]
      : [],
  );
  return [...long, ...wide];
}

function medianTooLarge(sources: readonly Source[]): readonly string[] {
  const counts = sources.map(({ lines }) => lines.length).toSorted((a, b) => a - b);
  const median = counts[Math.floor(counts.length / 2)] ?? 0;
  return median > 100 ? [`half of all files have ${median} lines or more: wanted 100`] : [];
}

export const headers: Check = {
  name: 'headers',
  todo: 'open the file with what it is, its interface in bullets, its invariant',
  run: root =>
    sourcesOf(root, '**/*.{ts,mjs,rs}')
      .filter(({ file }) => !file.endsWith('.test.ts') && !file.endsWith('.d.ts'))
      .filter(({ lines }) => headerLines(lines) < (lines.length > 60 ? 3 : 1))
      .map(({ file }) => `${file} does not say what it is`),
};

function headerLines(lines: readonly string[]): number {
  const body = lines[0]?.startsWith('#!') ? lines.slice(1) : lines;
  const end = body.findIndex(line => !/^(\/\*\*|\/\/| \*)/.test(line));
  return end === -1 ? body.length : end;
}

const saysNothing = new Set(['util', 'utils', 'helper', 'helpers', 'common', 'misc']);

export const names: Check = {
  name: 'names',
  todo: 'name the thing',
  run: root => filesOf(root, '**/*.{ts,mjs,rs}').flatMap(badName),
};

function badName(file: string): readonly string[] {
  const parts = file.split('/').map(part => part.split('.')[0] ?? '');
  const empty = parts.find(part => saysNothing.has(part));
  if (empty !== undefined) return [`${file}: "${empty}" names nothing`];
  const kebab = /^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9-]+)*$/;
  if (!file.endsWith('.rs') && !kebab.test(basename(file))) return [`${file}: not kebab-case`];
  return [];
}
