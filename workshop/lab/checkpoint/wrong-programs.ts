// Wrong programs for checkpoints to reject: a right one with something else in one place.
//
// - changedScript(script, changes): a copy of the script with some of its text replaced
// - changedHoles(chapter, codes, name): the chapter with other code in some of its holes
//
// Both are in a folder of their own, which goes when they are disposed of.

import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { variant } from '../holes/variant.ts';
import { scratchFolder } from '../scratch.ts';
import { ourSubject, subjectAt, type Subject } from './subject.ts';

type WrongProgram = Promise<Subject & AsyncDisposable>;

export type TextChange = readonly [from: string, to: string];

/** @throws Error if the script does not hold what is to be replaced */
export function changedScript(script: string, changes: readonly TextChange[]): WrongProgram {
  const name = basename(script);
  let text = readFileSync(script, 'utf8');
  for (const [from, to] of changes) {
    if (!text.includes(from)) throw new Error(`${name} has no ${from}`);
    text = text.replace(from, () => to);
  }
  const folder = scratchFolder();
  const path = `${folder.path}/${name}`;
  writeFileSync(path, text);
  chmodSync(path, 0o755);
  const [dispose, subject] = [() => folder[Symbol.asyncDispose](), subjectAt(path)];
  return Promise.resolve({ ...subject, [Symbol.asyncDispose]: async () => dispose() });
}

/** `codes`: for each hole its code, or `instead` for what the exercise has there. */
export function changedHoles(
  chapter: string,
  codes: Readonly<Record<string, string>>,
  name: string,
): WrongProgram {
  const wrong = variant(chapter, codes, `${chapter}/.variant-${name}`);
  return Promise.resolve({
    ...ourSubject(wrong.subject),
    [Symbol.asyncDispose]: () => Promise.resolve(wrong[Symbol.dispose]()),
  });
}
