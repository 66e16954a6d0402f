/**
 * The words of the units: both languages have the same tasks and hints, every hint that a look can
 * give has words, and no goal gives its solution away.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readProse } from '../guide/prose.ts';
import { openDraw } from '../guide/draw.ts';
import { units } from './units.ts';

const shape = (id: string, language: 'en' | 'zh'): unknown =>
  Object.entries(readProse(id, language).tasks).map(([task, { hints }]) => [
    task,
    Object.keys(hints),
  ]);

/** With what the chapter's units share, where this one uses it. */
function sourceOf(id: string): string {
  const own = readFileSync(join(import.meta.dirname, id, 'unit.ts'), 'utf8');
  if (!own.includes("'../share.ts'")) return own;
  return own + readFileSync(join(import.meta.dirname, id, '../share.ts'), 'utf8');
}

test.for(units())('$id has the same tasks and hints in both languages', unit => {
  expect(shape(unit.id, 'zh')).toEqual(shape(unit.id, 'en'));
  const tasks = Object.keys(readProse(unit.id, 'en').tasks);
  expect(tasks).toEqual(unit.tasks.map(task => task.id));
});

test.for(units())('$id has words for every hint, and no words for others', unit => {
  const source = sourceOf(unit.id);
  const given = [...source.matchAll(/hint\('([a-z-]+)'/g)].map(([, name]) => name);
  const written = Object.values(readProse(unit.id, 'en').tasks).flatMap(task =>
    Object.keys(task.hints),
  );
  expect(written).toEqual(expect.arrayContaining(given));
  expect(written.filter(name => !source.includes(`'${name}'`))).toEqual([]);
});

const languages = ['en', 'zh'] as const;

/** What a learner reads without asking for it. */
function unasked(id: string): string {
  return languages
    .map(language => readProse(id, language))
    .flatMap(({ introduction, tasks }) => [
      introduction,
      ...Object.values(tasks).map(one => one.goal),
    ])
    .join('\n');
}

test.for(units())('$id does not give its solution away', unit => {
  const text = unasked(unit.id);
  const lines = unit.tasks.flatMap(task => task.solve);
  // A line of one or two words (`exit`) is no secret.
  const told = lines.filter(line => line.split(' ').length > 2 && text.includes(line));
  expect(told).toEqual([]);
});

test.for(units())('$id uses only words that are drawn', unit => {
  const drawn = unit.draw(openDraw(() => 0.5));
  const known = new Set([...Object.keys(drawn), 'place', 'tree']);
  const typed = unit.tasks.flatMap(({ solve, wrong = [] }) => [
    solve,
    ...wrong.map(one => one.type),
  ]);
  const text = [unasked(unit.id), ...typed.flat()].join('\n');
  const used = [...text.matchAll(/\{([a-z][a-zA-Z0-9]*)\}/g)].map(([, name = '']) => name);
  expect(used.filter(name => !known.has(name))).toEqual([]);
});
