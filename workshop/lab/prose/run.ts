/**
 * Runs the console blocks of a document, each in a bash of its own, from the root of the tree.
 *
 * - runProse(file, options)       every block, one after the other: passed, failed, NOT RUN
 * - runBlock(document, block, …)  one of them
 * - blockCount(document)          whether it has as many blocks as it says
 *
 * A failure's message leads to the line of the document and says what was expected and what was
 * got. A block that does not come to an end is stopped after a limit, with all that it started.
 */
import { join } from 'node:path';
import { unmet, type Requirement } from '../requires.ts';
import { compareOutput, linesOf, undeclared, type Difference } from './compare.ts';
import { readProse, type Block, type Document } from './document.ts';
import { innerPrompt, type Step } from './steps.ts';
import { openTerminal, type Shown, type Terminal } from './terminal.ts';

export interface ProseOptions {
  /** Where the blocks run: the root of the tree. */
  readonly root?: string;
  /** For a block that says nothing else. */
  readonly limitSeconds?: number;
  readonly unmet?: (requirement: Requirement) => string | undefined;
  /** How many times longer everything takes; SLIPWAY_SLOW says it in an emulated guest. */
  readonly slow?: number;
}

export interface BlockResult {
  /** The first command, or what the document as a whole was asked. */
  readonly name: string;
  readonly status: 'passed' | 'failed' | 'not-run';
  /** The reason, if it did not pass. */
  readonly message?: string;
}

/** How long a block may take, on this machine. */
export function limitSecondsFor(block: Block, options: ProseOptions): number {
  const slow = options.slow ?? Number(process.env['SLIPWAY_SLOW'] ?? 1);
  return (block.limitSeconds ?? options.limitSeconds ?? 60) * slow;
}

export async function runProse(
  file: string,
  options: ProseOptions = {},
): Promise<readonly BlockResult[]> {
  const document = readProse(file);
  const results = [blockCount(document)];
  for (const block of document.blocks) results.push(await runBlock(document, block, options));
  return results;
}

export function blockCount({ file, declaredBlocks, blocks }: Document): BlockResult {
  const name = 'the prose has as many console blocks as it says';
  if (declaredBlocks === undefined) {
    const message = `${file} says nowhere how many console blocks it has: <!-- prose: blocks=N -->`;
    return { name, status: 'failed', message };
  }
  if (blocks.length >= declaredBlocks) return { name, status: 'passed' };
  const says = `and says that it has ${declaredBlocks}`;
  const message = `${file} has ${blocks.length} console blocks, ${says}`;
  return { name, status: 'failed', message };
}

export async function runBlock(
  document: Document,
  block: Block,
  options: ProseOptions,
): Promise<BlockResult> {
  const name = blockName(block);
  const unknown = undeclaredIn(document, block);
  if (unknown !== undefined) return { name, status: 'failed', message: unknown };
  const ask = options.unmet ?? unmet;
  const reason = block.needs.map(ask).find(one => one !== undefined);
  if (reason !== undefined) return { name, status: 'not-run', message: reason };
  const message = await typeBlock(document, block, options);
  return message === undefined
    ? { name, status: 'passed' }
    : { name, status: 'failed', message: `${document.file}:${message}` };
}

export function blockName({ steps }: Block): string {
  return steps[0]?.command.split('\n')[0] ?? '';
}

function undeclaredIn({ file, patterns }: Document, { steps }: Block): string | undefined {
  for (const { expected } of steps) {
    const found = undeclared(expected, patterns);
    if (found !== undefined) {
      const how = `<!-- pattern: ${found.name} = … -->`;
      return `${file}:${found.line}: nothing says what ${found.name} stands for: add ${how}`;
    }
  }
  return undefined;
}

/** Undefined if all went as written; else the message, without the file. */
async function typeBlock(
  { patterns }: Document,
  block: Block,
  options: ProseOptions,
): Promise<string | undefined> {
  const root = options.root ?? join(import.meta.dirname, '../../..');
  const seconds = limitSecondsFor(block, options);
  const deadline = performance.now() + seconds * 1000;
  const terminal = await openTerminal(root, searchPath(root));
  const message = await typeSteps(terminal, deadline, { patterns, block, seconds });
  try {
    await terminal[Symbol.asyncDispose]();
  } catch (error) {
    if (message === undefined || !(error instanceof Error)) throw error;
    // Mostly a consequence: the block did not come to its last command.
    return `${message}\n  and then: ${error.message}`;
  }
  return message;
}

interface Typing {
  readonly patterns: Document['patterns'];
  readonly block: Block;
  readonly seconds: number;
}

async function typeSteps(
  terminal: Terminal,
  deadline: number,
  { patterns, block, seconds }: Typing,
): Promise<string | undefined> {
  for (const [index, step] of block.steps.entries()) {
    const left = Math.max(Math.ceil(deadline - performance.now()), 0);
    const shown = await terminal.type(step.command, step.input, left);
    const lines = shownLines(step, shown);
    if (shown.end === 'limit') return hung(step, seconds, lines);
    const difference = compareOutput(step.expected, lines, patterns);
    if (difference !== undefined) return differs(step, difference, lines);
    const next = block.steps[index + 1];
    if (shown.end === 'closed' && next !== undefined) {
      return `${next.line}: the session ended at line ${step.line}, before this command`;
    }
  }
  return undefined;
}

function searchPath(root: string): string {
  const system = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];
  const given = (process.env['PATH'] ?? '')
    .split(':')
    .filter(part => !part.includes('node_modules'));
  return [...new Set([join(root, 'node_modules', '.bin'), ...given, ...system])].join(':');
}

/** A shell inside that prompts although nobody types shows its prompts: they are no output. */
function shownLines({ input }: Step, { output, end }: Shown): readonly string[] {
  const lines = linesOf(output);
  // At its end an interactive bash says so.
  const said = end === 'closed' && lines.at(-1) === 'exit' ? lines.slice(0, -1) : lines;
  return input.length === 0 ? said : said.map(line => line.replace(innerPrompt, ''));
}

function hung({ line, command }: Step, seconds: number, lines: readonly string[]): string {
  return [`${line}: stopped after ${seconds} s: $ ${command}`, ...shownSoFar(lines)].join('\n');
}

function differs(step: Step, { expected, got }: Difference, lines: readonly string[]): string {
  const line = expected?.line ?? step.expected.at(-1)?.line ?? step.line;
  const found = got.length > 1 && expected ? `none of the ${got.length} lines there` : got[0];
  return [
    `${line}: the output of $ ${step.command}`,
    `  expected  ${expected === undefined ? 'no more output' : expected.text}`,
    `  got       ${found ?? 'no more output'}`,
    ...shownSoFar(lines),
  ].join('\n');
}

function shownSoFar(lines: readonly string[]): readonly string[] {
  if (lines.length === 0) return ['  it showed nothing'];
  return ['  all that it showed:', ...lines.map(line => `    ${line}`)];
}
