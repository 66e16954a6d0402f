import { join } from 'node:path';
import { expect, test } from 'vitest';
import { written } from '../check/written.ts';
import { compareTranslations } from './translations.ts';

const fence = '```';
const console = `${fence}console\n$ id -u\n0\n${fence}\n`;
const code = `${fence}ts file=a.ts#sum\nsum();\n${fence}\n`;
const english = `Text.\n\n${console}\nMore.\n\n${code}\n`;

function compared(chinese: string): string | undefined {
  using place = written({ 'README.md': english, 'README.zh-CN.md': chinese });
  const files = ['README.md', 'README.zh-CN.md'].map(name => join(place.folder, name));
  const found = compareTranslations(files[0] ?? '', files[1] ?? '');
  return found?.replaceAll(`${place.folder}/`, '');
}

test('text may differ, and so may blocks that are neither console nor included', () => {
  const chinese = `一段更长的文字。\n再一行。\n\n${console}\n${fence}text\n图\n${fence}\n\n${code}`;
  expect(compared(chinese)).toBeUndefined();
});

test.for([
  ['another command', english.replace('id -u', 'id -g'), '4: $ id -u', '4: $ id -g'],
  ['another output', english.replace('\n0\n', '\n1\n'), '5: 0', '5: 1'],
  ['other code', english.replace('sum();', 'sub();'), '11: sum();', '11: sub();'],
  [
    'another need',
    english.replace('console', 'console needs=root'),
    '3: ```console',
    '3: ```console needs=root',
  ],
  ['a missing line', english.replace('\n0\n', '\n'), '5: 0', '5: ```'],
] as const)('%s is named with both lines', ([, chinese, one, other]) => {
  expect(compared(chinese)).toBe(`README.md:${one}\nREADME.zh-CN.md:${other}`);
});

test('a missing block is named', () => {
  expect(compared(`Text.\n\n${console}`)).toBe(
    'README.md:10: ```ts file=a.ts#sum\nREADME.zh-CN.md: no more blocks',
  );
});
