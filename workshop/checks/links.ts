/**
 * Every relative link in the prose leads to a file that is there.
 *
 * - links   the check
 *
 * Only links of the form `[words](path)` count; an address on the web is not looked up, and what
 * stands in a code block is no link.
 */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Check, filesOf } from './check.ts';

export const links: Check = {
  name: 'links',
  todo: 'correct the path, or write the file',
  run: root =>
    filesOf(root, '**/*.md').flatMap(file =>
      targets(readFileSync(join(root, file), 'utf8'))
        .filter(target => !existsSync(join(root, dirname(file), target)))
        .map(target => `${file}: ${target} is not there`),
    ),
};

function targets(text: string): readonly string[] {
  const prose = text.replaceAll(/^(```|~~~)[\s\S]*?^\1/gm, '').replaceAll(/`[^`\n]*`/g, '');
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = '']) => target.replace(/#.*$/, ''))
    .filter(target => target !== '' && !/^[a-z]+:/.test(target));
}
