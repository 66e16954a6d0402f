import { expect, test } from 'vitest';
import { links } from './links.ts';
import { planted } from './planted.ts';

function found(text: string): readonly string[] {
  using tree = planted({ 'final/README.md': text, 'final/api/routes.ts': '', LICENSE: '' });
  return links.run(tree.root);
}

test('a link to a file, a folder, a heading or the web is fine', () => {
  const text = '[a](api/routes.ts) [b](../LICENSE#part) [c](api/) [d](#top) [e](https://x.org/y)';
  expect(found(text)).toEqual([]);
});

test('a link to nowhere is found', () => {
  expect(found('See [the routes](api/route.ts) and [`run`](run.ts).')).toEqual([
    'final/README.md: api/route.ts is not there',
    'final/README.md: run.ts is not there',
  ]);
});

test('what looks like a link in code is none', () => {
  expect(found('`a[0](b)`\n```ts\nnames[1](here)\n```\n')).toEqual([]);
});
