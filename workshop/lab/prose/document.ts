/**
 * A Markdown document as a test sees it.
 *
 * - readProse(file)        its console blocks, included code and declared patterns, with lines
 * - Document, Block, …     what the other files of this folder work on
 *
 * Line numbers count from 1 in the document, so that a message leads to the place.
 *
 * @throws Error (file:line) for a notation that means nothing: a test that is misspelt must not
 *   become a test that is missing
 */
import { readFileSync } from 'node:fs';
import markdownIt from 'markdown-it';
import { isRequirement, type Requirement } from '../requires.ts';
import { readSteps, type Step } from './steps.ts';

export interface Document {
  readonly file: string;
  readonly text: string;
  /** How many console blocks it says that it has, at least. */
  readonly declaredBlocks: number | undefined;
  /** `<pid>` → the source of a regular expression. */
  readonly patterns: ReadonlyMap<string, string>;
  readonly blocks: readonly Block[];
  readonly includes: readonly Include[];
}

/** A fenced block, whose content begins on the line after `line`. */
export interface Fence {
  readonly line: number;
  readonly info: string;
  readonly content: readonly string[];
}

export interface Block extends Fence {
  readonly needs: readonly Requirement[];
  readonly limitSeconds: number | undefined;
  readonly steps: readonly Step[];
}

export interface Include extends Fence {
  /** Relative to the document. */
  readonly source: string;
  readonly region: string;
}

export function readProse(file: string): Document {
  const text = readFileSync(file, 'utf8');
  const tokens = markdownIt({ html: true }).parse(text, {});
  const fences = tokens.flatMap(({ type, map, info, content }) => {
    if (type !== 'fence' || map === null) return [];
    return [{ line: map[0] + 1, info: info.trim(), content: content.split('\n').slice(0, -1) }];
  });
  const comments = tokens.flatMap(({ type, content, map, children }) => {
    const inline = children?.filter(child => child.type === 'html_inline') ?? [];
    const html = type === 'html_block' ? [content] : inline.map(child => child.content);
    return html.flatMap(part => declarations(file, (map?.[0] ?? 0) + 1, part));
  });
  const blocks = fences.flatMap(fence => readBlock(file, fence));
  const includes = fences.flatMap(fence => readInclude(file, fence));
  return { file, text, blocks, includes, ...readDeclarations(comments) };
}

interface Declaration {
  readonly place: string;
  readonly word: string;
  readonly rest: string;
}

function declarations(file: string, line: number, html: string): readonly Declaration[] {
  const comments = html.matchAll(/<!--\s*(prose|pattern)\b:?\s*([\s\S]*?)\s*-->/g);
  return [...comments].map(({ 1: word = '', 2: rest = '', index }) => {
    const below = html.slice(0, index).split('\n').length - 1;
    return { place: `${file}:${line + below}`, word, rest };
  });
}

function readDeclarations(
  all: readonly Declaration[],
): Pick<Document, 'declaredBlocks' | 'patterns'> {
  let declaredBlocks: number | undefined;
  const patterns = new Map<string, string>();
  for (const { place, word, rest } of all) {
    if (word === 'prose') declaredBlocks = readCount(place, rest);
    else {
      const { name, pattern } = readPattern(place, rest);
      if (patterns.has(name)) throw new Error(`${place}: the pattern ${name} is declared twice`);
      patterns.set(name, pattern);
    }
  }
  return { declaredBlocks, patterns };
}

function readCount(place: string, rest: string): number {
  const count = /^blocks=(\d+)$/.exec(rest)?.[1];
  if (count === undefined) {
    throw new Error(`${place}: "${rest}" is no declaration: write <!-- prose: blocks=9 -->`);
  }
  return Number(count);
}

function readPattern(place: string, rest: string): { name: string; pattern: string } {
  const [, name, pattern] = /^(<[a-z][a-z0-9-]*>) = (\S.*)$/.exec(rest) ?? [];
  if (name === undefined || pattern === undefined) {
    throw new Error(`${place}: "${rest}" is no pattern: write <!-- pattern: <pid> = \\d+ -->`);
  }
  try {
    void new RegExp(pattern);
  } catch (error) {
    throw new Error(`${place}: ${pattern} is no regular expression`, { cause: error });
  }
  return { name, pattern };
}

function readBlock(file: string, fence: Fence): readonly Block[] {
  const [language, ...words] = fence.info.split(/\s+/);
  if (language !== 'console') return [];
  const place = `${file}:${fence.line}`;
  const needs: Requirement[] = [];
  let limitSeconds: number | undefined;
  for (const word of words) {
    const [, key, value = ''] = /^(needs|limit)=(.+)$/.exec(word) ?? [];
    if (key === 'needs') needs.push(...value.split(',').map(need => readNeed(place, need)));
    else if (key === 'limit' && /^\d+$/.test(value)) limitSeconds = Number(value);
    else throw new Error(`${place}: "${word}" is neither needs=… nor limit=SECONDS`);
  }
  const { steps, asRoot } = readSteps(file, fence);
  if (asRoot && !needs.includes('root')) needs.unshift('root');
  return [{ ...fence, needs, limitSeconds, steps }];
}

function readNeed(place: string, text: string): Requirement {
  if (!isRequirement(text)) {
    throw new Error(`${place}: "${text}" is no requirement: see requires.ts for those there are`);
  }
  return text;
}

function readInclude(file: string, fence: Fence): readonly Include[] {
  const wanted = /\bfile=(\S+)/.exec(fence.info)?.[1];
  if (wanted === undefined) return [];
  const [, source, region] = /^([^#]+)#([a-z][a-z0-9-]*)$/.exec(wanted) ?? [];
  if (source === undefined || region === undefined) {
    throw new Error(`${file}:${fence.line}: file=${wanted}: write file=FILE#REGION`);
  }
  return [{ ...fence, source, region }];
}
