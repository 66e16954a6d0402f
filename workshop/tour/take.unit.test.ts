import { expect, test } from 'vitest';
import { planted } from '../checks/planted.ts';
import { takeTour } from './take.ts';

interface Tour {
  readonly status: number;
  readonly visited: readonly string[];
  readonly last: string;
}

function tour(files: Readonly<Record<string, string>>, unwell = ''): Tour {
  using tree = planted(files);
  const visited: string[] = [];
  let last = '';
  const visit = (chapter: string): boolean => visited.push(chapter) > 0 && chapter !== unwell;
  const status = takeTour(tree.root, visit, text => void (last = text));
  return { status, visited, last };
}

const chapters = {
  'chapters/02-cgroups/run.ts': '',
  'chapters/01-namespaces/run.ts': '',
  'chapters/04-unionfs/README.md': 'not written yet',
};

test('the chapters that exist are visited in reading order', () => {
  const { status, visited } = tour(chapters);
  expect(visited).toEqual(['chapters/01-namespaces', 'chapters/02-cgroups']);
  expect(status).toBe(0);
});

test('after a chapter that did not go well the tour goes on, names it, and fails', () => {
  const { status, visited, last } = tour(chapters, 'chapters/01-namespaces');
  expect(visited).toHaveLength(2);
  expect(last).toContain('chapters/01-namespaces did not go as expected');
  expect(last).not.toContain('chapters/02-cgroups did not');
  expect(status).toBe(1);
});

test('at the end it says where to go on', () => {
  expect(tour(chapters).last).toContain('1. read     chapters/01-namespaces/README.md');
});

test('a tree without any chapter is no tour', () => {
  expect(tour({}).status).toBe(1);
});
