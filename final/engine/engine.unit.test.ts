import { expect, test } from 'vitest';
import { Engine } from './engine.ts';
import { type JobRecord, jobType } from './job.ts';
import { notFound, statusOf } from './refusal.ts';

const add = jobType<{ readonly a: number; readonly b: number }, number>('add');
const refuse = jobType<undefined, never>('refuse');
const wait = jobType<Promise<void>, void>('wait');

function engine() {
  const told: JobRecord[] = [];
  const clock = { at: 1000 };
  const made = new Engine({ log: record => told.push(record), now: () => clock.at });
  made.register(add, ({ env: { a, b } }) => a + b);
  made.register(refuse, () => {
    throw notFound('No such thing');
  });
  made.register(wait, ({ env }) => env);
  return { engine: made, told, clock };
}

test('a job is done by who has registered it, and told when it starts and when it ends', async () => {
  const { engine: made, told } = engine();
  expect(await made.run(add, { args: ['x'], env: { a: 1, b: 2 } })).toBe(3);
  const record = { id: 1, name: 'add', args: ['x'], startedMs: 1000 };
  expect(told).toEqual([record, { ...record, ended: { status: 0, tookMs: 0 } }]);
});

test('what a job throws goes to who has run it, and its words to the log', async () => {
  const { engine: made, told } = engine();
  await expect(made.run(refuse, { env: undefined })).rejects.toThrow('No such thing');
  expect(told[1]?.ended).toEqual({ status: 1, tookMs: 0, error: 'No such thing' });
});

test('jobs at work can be listed, the oldest first, and are gone when they end', async () => {
  const { engine: made, clock } = engine();
  const { promise, resolve } = Promise.withResolvers<void>();
  const first = made.run(wait, { env: promise });
  clock.at = 2000;
  const second = made.run(wait, { env: promise });
  expect(made.running().map(({ id, startedMs }) => [id, startedMs])).toEqual([
    [1, 1000],
    [2, 2000],
  ]);
  resolve();
  await Promise.all([first, second]);
  expect(made.running()).toEqual([]);
});

test('a name is taken once, and one that nobody has taken is an error', async () => {
  const { engine: made } = engine();
  expect(() => made.register(add, () => 0)).toThrow('job add is registered twice');
  await expect(made.run(jobType('nosuch'), { env: undefined })).rejects.toThrow('nobody does');
  expect(made.names()).toEqual(['add', 'refuse', 'wait']);
});

test('a caller’s mistake is never a 5xx', () => {
  const ours = ['INVALID', 'UNAUTHORIZED', 'FORBIDDEN', 'NOT_FOUND', 'CONFLICT'] as const;
  expect(ours.map(statusOf).every(status => status >= 400 && status < 500)).toBe(true);
});

test('what a disk refuses is said with its own words, and is no fault of the engine', async () => {
  const { engine: made } = engine();
  const full = Object.assign(new Error('ENOSPC: no space left on device, mkdir'), {
    ...{ code: 'ENOSPC', syscall: 'mkdir', path: '/data/new' },
  });
  const make = jobType<Error, never>('make');
  made.register(make, ({ env }) => {
    throw env;
  });
  const refusal = { name: 'Refusal', code: 'FAILED' };
  await expect(made.run(make, { env: full })).rejects.toMatchObject({
    ...refusal,
    message: 'mkdir /data/new: no space left on device',
  });
  await expect(
    made.run(make, { env: new Error('a layer', { cause: full }) }),
  ).rejects.toMatchObject({
    ...refusal,
    message: 'a layer: no space left on device',
  });
});
