import { join } from 'node:path';
import { expect, test } from 'vitest';
import { written } from '../check/written.ts';
import { readProse } from './document.ts';

const fence = '```';

function read(text: string): ReturnType<typeof readProse> {
  using place = written({ 'README.md': text });
  const file = join(place.folder, 'README.md');
  try {
    return readProse(file);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new Error(message.replaceAll(`${place.folder}/`, ''), { cause: error });
  }
}

test('a document gives its blocks, patterns and included code, with their lines', () => {
  const { declaredBlocks, patterns, blocks, includes } = read(`# A chapter
<!-- prose: blocks=2 -->

Text. <!-- pattern: <pid> = \\d+ --> More text.
<!-- pattern: <any-name> = .* -->

${fence}console needs=tool:busybox,kernel>=5.6 limit=5
$ busybox sh
/ # cat <<END
> it's
> END
it's
/tmp # echo a \\
  b

a b

# id -u
0
${fence}

1. In a list:
   ${fence}console
   $ true
   ${fence}

${fence}ts file=a.ts#sum
sum();
${fence}

${fence}sh
$ not a test
${fence}
`);
  expect(declaredBlocks).toBe(2);
  expect([...patterns]).toEqual([
    ['<pid>', String.raw`\d+`],
    ['<any-name>', '.*'],
  ]);
  expect(blocks).toMatchObject([
    {
      line: 7,
      needs: ['root', 'tool:busybox', 'kernel>=5.6'],
      limitSeconds: 5,
      steps: [
        {
          line: 8,
          command: 'busybox sh',
          input: ['cat <<END', "it's", 'END', String.raw`echo a \ `.trim(), '  b'],
          expected: [
            { line: 12, text: "it's" },
            { line: 15, text: '' },
            { line: 16, text: 'a b' },
          ],
        },
        { line: 18, command: 'id -u', input: [], expected: [{ line: 19, text: '0' }] },
      ],
    },
    { line: 23, needs: [], limitSeconds: undefined, steps: [{ line: 24, command: 'true' }] },
  ]);
  expect(includes).toMatchObject([
    { line: 27, source: 'a.ts', region: 'sum', content: ['sum();'] },
  ]);
});

const block = (info: string, ...lines: readonly string[]): string =>
  [`${fence}${info}`, ...lines, fence, ''].join('\n');

test.for([
  ['a misspelt need', block('console needs=rooot', '$ id'), '"rooot" is no requirement'],
  [
    'an unknown word',
    block('console need=root', '$ id'),
    '"need=root" is neither needs=… nor limit=',
  ],
  [
    'output before a command',
    block('console', 'hello'),
    'README.md:2: a console block begins with',
  ],
  ['an empty block', block('console'), 'README.md:1: the console block is empty'],
  ['a count that is none', '<!-- prose: block=2 -->', 'README.md:1: "block=2" is no declaration'],
  [
    'a pattern without angles',
    '\n\n<!-- pattern: pid = a -->',
    'README.md:3: "pid = a" is no pattern',
  ],
  [
    'a pattern that is no expression',
    'Text\n<!-- pattern: <pid> = ( -->',
    '( is no regular expression',
  ],
  [
    'a pattern twice',
    '<!-- pattern: <pid> = 1 -->\n<!-- pattern: <pid> = 2 -->',
    'README.md:2: the pattern <pid> is declared twice',
  ],
  ['an include without a region', block('ts file=a.ts'), 'file=a.ts: write file=FILE#REGION'],
] as const)('%s is refused where it stands', ([, text, message]) => {
  expect(() => read(text)).toThrow(message);
});
