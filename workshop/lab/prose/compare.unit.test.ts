import { expect, test } from 'vitest';
import { compareOutput, linesOf, undeclared } from './compare.ts';

const patterns = new Map([
  ['<pid>', String.raw`\d+`],
  ['<ns>', String.raw`pid:\[\d+\]`],
]);

const lines = (text: string): { line: number; text: string }[] =>
  text === '' ? [] : text.split('\n').map((one, index) => ({ line: index + 1, text: one }));

/** The first difference as `line: got`, or nothing. */
function difference(expected: string, output: string): string | undefined {
  const found = compareOutput(lines(expected), linesOf(output), patterns);
  return found && `${found.expected?.line ?? 'end'}: ${found.got.join('|')}`;
}

test.for([
  ['the same', 'a\nb', 'a\r\nb\r\n'],
  ['a placeholder', '[1] <pid>', '[1] 4242\n'],
  ['two placeholders side by side', '<pid>/<pid> <ns>', '1/22 pid:[4026531836]'],
  ['columns that moved', 'PID   USER  COMMAND', 'PID\tUSER      COMMAND'],
  ['a number that ate its margin', '   <pid> sh', '1234567 sh'],
  ['a margin that the prose has not', '<pid> sh', '    1 sh'],
  [
    'signs that mean something to an expression',
    'a.b (c) [d]* $e | ^f \\',
    'a.b (c) [d]* $e | ^f \\',
  ],
  ['anything', '…', 'a\nb'],
  ['anything, and be it nothing', 'a\n…', 'a'],
  ['a line among others', '…\nb\n…', 'a\nb\nb\nc'],
  ['two lines among others', '…\nb\n…\nc', 'b\na\nb\nc\nc'],
  ['colours', 'red', '\u001B[31mred\u001B[39m\r\n'],
  ['empty lines at the end', 'a', 'a\n\n\n'],
  ['nothing', '', '\n'],
] as const)('%s fits', ([, expected, output]) => {
  expect(difference(expected, output)).toBeUndefined();
});

test.for([
  ['another word', 'a\nb', 'a\nc', '2: c'],
  ['a placeholder that does not fit', '[1] <pid>', '[1] x', '1: [1] x'],
  ['a dot is a dot', 'a.b', 'axb', '1: axb'],
  ['a word and more', 'a', 'ab', '1: ab'],
  ['a margin before a word', 'a', ' a', '1:  a'],
  ['a space that is not there', 'a b', 'ab', '1: ab'],
  ['a line that is missing', 'a\nb', 'a', '2: '],
  ['a line too many', 'a', 'a\nb\nc', 'end: b|c'],
  ['output where there is to be none', '', 'a', 'end: a'],
  ['an empty line in between', 'a\nb', 'a\n\nb', '2: '],
  ['a line that is nowhere', '…\nc\n…', 'a\nb', '2: a|b'],
  ['a line that is not the last', '…\nb', 'b\nc', 'end: c'],
] as const)('%s does not fit', ([, expected, output, found]) => {
  expect(difference(expected, output)).toBe(found);
});

test('a placeholder that nobody declared is found, a flag in angles is none', () => {
  expect(undeclared(lines('<pid>\n<LOOPBACK,UP>\n<pid> <inode>'), patterns)).toEqual({
    line: 3,
    name: '<inode>',
  });
  expect(undeclared(lines('<pid>'), patterns)).toBeUndefined();
});
