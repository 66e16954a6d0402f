/**
 * The prose of a chapter as vitest tests.
 *
 * - proseTests(file)                 one test a console block, named by its first command; one that
 *                                    the blocks are as many as declared; one for the included code
 * - translationTests(first, second)  one test that two languages show the same
 *
 * A block with an unmet need is NOT RUN with the reason, and the others run. Every block runs under
 * the host guard: what the reader is told to type leaves the machine as it was.
 *
 * Apart from prose.ts because it brings the test runner along.
 */
import { expect, test } from 'vitest';
import { check } from '../check.ts';
import { readProse } from '../prose/document.ts';
import { checkIncludes } from '../prose/includes.ts';
import { blockCount, blockName, limitSecondsFor, runBlock } from '../prose/run.ts';
import type { ProseOptions } from '../prose/run.ts';
import { compareTranslations } from '../prose/translations.ts';

export function proseTests(file: string, options: Omit<ProseOptions, 'unmet'> = {}): void {
  const document = readProse(file);
  const count = blockCount(document);
  check(count.name, () => {
    if (count.message !== undefined) throw new Error(count.message);
  });
  test('the code in the prose is that of the source', () => {
    expect(checkIncludes(file)).toEqual([]);
  });
  for (const block of document.blocks) {
    const seconds = limitSecondsFor(block, options);
    // The runner must not end the test before the block's own limit names the command.
    const settings = { needs: block.needs, guard: true, timeoutMs: (seconds + 30) * 1000 };
    check(`$ ${blockName(block)}`, settings, async () => {
      const { message } = await runBlock(document, block, options);
      if (message !== undefined) throw new Error(message);
    });
  }
}

export function translationTests(first: string, second: string): void {
  test('both languages show the same commands, outputs and code', () => {
    expect(compareTranslations(first, second)).toBeUndefined();
  });
}
