/**
 * Text on a terminal: wrapping, alignment and quoting, without colour.
 *
 * - wrap(text, width)           words into lines; a word longer than a line stays whole
 * - columns(rows, heads)        cells padded so that columns align
 * - hang(label, text, …)        a label, and its text wrapped beside it
 * - quoteForShell(word)         as a person would type it into bash
 */

export function wrap(text: string, width: number): string[] {
  return text.split('\n').flatMap(paragraph => wrapParagraph(paragraph, width));
}

function wrapParagraph(paragraph: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of paragraph.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

export type Cell = string | number | boolean | undefined;

/** Numbers to the right, words to the left, two spaces between columns. */
export function columns(
  rows: readonly (readonly Cell[])[],
  heads: readonly string[] = [],
): string[] {
  const numeric = heads.map((_, at) => rows.every(row => typeof row[at] === 'number'));
  if (heads.length > 0) return aligned([heads, ...rows], at => numeric[at] === true);
  return aligned(rows, (at, row) => typeof row[at] === 'number');
}

function aligned(
  rows: readonly (readonly Cell[])[],
  toTheRight: (at: number, row: readonly Cell[]) => boolean,
): string[] {
  const count = Math.max(0, ...rows.map(row => row.length));
  const widths = Array.from({ length: count }, (_, at) =>
    Math.max(...rows.map(row => String(row[at] ?? '').length)),
  );
  return rows.map(row =>
    row
      .map((cell, at) => {
        const text = String(cell ?? '');
        const width = widths[at] ?? 0;
        return toTheRight(at, row) ? text.padStart(width) : text.padEnd(width);
      })
      .join('  ')
      .trimEnd(),
  );
}

/** `label  text`, the text's further lines under its first. */
export function hang(label: string, text: string, width: number): string[] {
  const lines = wrap(text, Math.max(20, width - label.length));
  return lines.map((line, at) => `${at === 0 ? label : ' '.repeat(label.length)}${line}`);
}

export function quoteForShell(word: string): string {
  if (/^[\w@%+=:,./-]+$/.test(word)) return word;
  return `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
