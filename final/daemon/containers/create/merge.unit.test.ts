import { expect, test } from 'vitest';
import { configSchema, emptyConfig, type Config } from '../record/config.ts';
import { commandOf, merge } from './merge.ts';

const config = (fields: object): Config => configSchema.parse(fields);
const image = config({
  Entrypoint: ['/show'],
  Cmd: ['one'],
  Env: ['PATH=/bin', 'A=image'],
  Labels: { kind: 'image', only: 'image' },
  ExposedPorts: { '80/tcp': {} },
  Volumes: { '/vol': {} },
  WorkingDir: '/app',
  User: 'alice',
});
const command = (fields: object): readonly string[] => {
  const { path, args } = commandOf(merge(config(fields), image));
  return [path, ...args];
};

test('who says nothing gets what the image says', () => {
  expect(merge(emptyConfig(), image)).toMatchObject({ ...image });
});

test('a command replaces the command, an entry point replaces both, and an empty one resets', () => {
  expect(command({})).toEqual(['/show', 'one']);
  expect(command({ Cmd: ['two'] })).toEqual(['/show', 'two']);
  expect(command({ Entrypoint: ['echo'] })).toEqual(['echo']);
  expect(command({ Entrypoint: [''], Cmd: ['x'] })).toEqual(['x']);
  expect(() => command({ Entrypoint: [''] })).toThrow('no command specified');
});

test('variables are merged by their name, labels by their key', () => {
  const merged = merge(config({ Env: ['A=mine', 'B'], Labels: { kind: 'mine' } }), image);
  expect(merged.Env).toEqual(['A=mine', 'B', 'PATH=/bin']);
  expect(merged.Labels).toEqual({ kind: 'mine', only: 'image' });
});

test('a check of health that is given in part takes the rest from the image', () => {
  const watched = config({ Healthcheck: { Test: ['CMD', 'true'], Retries: 2 } });
  const merged = merge(config({ Healthcheck: { Interval: 5 } }), watched);
  expect(merged.Healthcheck).toMatchObject({ Test: ['CMD', 'true'], Retries: 2, Interval: 5 });
});
