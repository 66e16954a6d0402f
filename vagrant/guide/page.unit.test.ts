import { expect, test } from 'vitest';
import { columns, wrapped } from './page.ts';
import { parseProse } from './prose.ts';
import { openDraw } from './draw.ts';
import { filled } from './unit.ts';

test('a paragraph is broken at the width, and an indented line is left alone', () => {
  const text = 'one two three\nfour five\n\n    a line that is longer than the width\n\nsix';
  expect(wrapped(text, 12).split('\n')).toEqual([
    'one two',
    'three four',
    'five',
    '',
    '    a line that is longer than the width',
    '',
    'six',
  ]);
});

test('Chinese counts two columns a character, and its full stop never begins a line', () => {
  const lines = wrapped('一个容器就是一个进程。它有自己的视图。', 20).split('\n');
  for (const line of lines) expect(columns(line)).toBeLessThanOrEqual(22);
  expect(lines.join('')).toBe('一个容器就是一个进程。它有自己的视图。');
  for (const line of lines) expect(line).not.toMatch(/^[。，]/);
});

test('prose is cut into its title, tasks and hints', () => {
  const text = '# Title\n\nHello.\n\n## one\n\nDo it.\n\n### nobody\n\nNobody is there.\n';
  expect(parseProse(text)).toEqual({
    title: 'Title',
    introduction: 'Hello.',
    tasks: { one: { goal: 'Do it.', hints: { nobody: 'Nobody is there.' } } },
  });
});

test('only words that were drawn are filled in: the shell has braces too', () => {
  expect(filled('{name} {a,b} ${HOME} {other}', { name: 'kiwi' })).toBe(
    'kiwi {a,b} ${HOME} {other}',
  );
});

test('chance stays within its bounds and keeps the order of what it picks', () => {
  const draw = openDraw(Math.random);
  for (let round = 0; round < 200; round += 1) {
    expect(draw.between(3, 5)).toSatisfy((n: number) => n >= 3 && n <= 5);
    expect(draw.name()).toMatch(/^lab-[a-z]{3,4}\d{4}$/);
    const some = draw.some([1, 2, 3, 4], 2);
    expect(some).toHaveLength(2);
    expect(some).toEqual(some.toSorted((a, b) => a - b));
  }
});
