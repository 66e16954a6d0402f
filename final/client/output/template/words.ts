// A template cut into text and actions, and an action into words.
//
// - `cutTemplate(source)`   text between actions; `{{-` and `-}}` eat the blanks beside them
// - `wordsOf(action)`       `.Names`, `"text"`, `|`, `:=`, each with its place in the source
//
// @throws Error

export type Piece =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'action'; readonly text: string; readonly at: number };

export interface Word {
  readonly text: string;
  /** In its line, from 0. */
  readonly column: number;
  readonly isSpaced: boolean;
}

export function cutTemplate(source: string): readonly Piece[] {
  const pieces: Piece[] = [];
  let from = 0;
  let trims = false;
  const keep = (text: string): void => {
    if (text !== '') pieces.push({ kind: 'text', text });
  };
  for (const match of source.matchAll(/\{\{(- )?((?:"(?:[^"\\]|\\.)*"|`[^`]*`|.)*?)( -)?\}\}/gs)) {
    const [all, before, text = '', after] = match;
    const literal = source.slice(from, match.index);
    const started = trims ? literal.trimStart() : literal;
    keep(before === undefined ? started : started.trimEnd());
    trims = after !== undefined;
    from = match.index + all.length;
    const start = match.index + 2 + (before?.length ?? 0);
    const line = source.lastIndexOf('\n', match.index) + 1;
    if (!/^\s*\/\*/.test(text)) pieces.push({ kind: 'action', text, at: start - line });
  }
  const rest = source.slice(from);
  if (rest.includes('{{')) throw new Error('unclosed action');
  keep(trims ? rest.trimStart() : rest);
  return pieces;
}

const word = /"(?:[^"\\]|\\.)*"|`[^`]*`|:=|[|(),=]|\$?(?:\.\w+)+|\$\w*|\.|-?\d[\w.]*|[A-Za-z_]\w*/y;

export function wordsOf({ text, at }: { readonly text: string; readonly at: number }): Word[] {
  const words: Word[] = [];
  for (let index = 0; index < text.length;) {
    const isSpaced = index === 0 || /\s/.test(text[index - 1] ?? '');
    if (/\s/.test(text[index] ?? '')) {
      index += 1;
      continue;
    }
    word.lastIndex = index;
    const found = word.exec(text)?.[0];
    if (found === undefined) {
      throw new Error(`unexpected ${JSON.stringify(text[index])} in operand`);
    }
    words.push({ text: found, column: at + index, isSpaced });
    index += found.length;
  }
  return words;
}
