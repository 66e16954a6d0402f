import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { vfsDriver } from '../libcontainer/layers.ts';
import { chooseDriver, type Registry } from './driver.ts';

const works = (): undefined => undefined;

const registry: Registry = [
  { name: 'fast', make: home => vfsDriver(home), objection: () => 'the kernel has no fast' },
  { name: 'good', also: ['good2'], make: home => vfsDriver(home), objection: works },
  { name: 'planned', make: undefined, objection: works },
  { name: 'plain', make: home => vfsDriver(home), objection: works },
];

let root: string;

beforeEach(() => {
  root = mkdtempSync(`${tmpdir()}/graphdriver-`);
});

afterEach(() => rmSync(root, { recursive: true }));

function chosen(name?: string, env: NodeJS.ProcessEnv = {}): string {
  chooseDriver(registry, { root, name, env });
  return readFileSync(`${root}/driver`, 'utf8').trim();
}

test('without a wish the first that works is taken, and kept', () => {
  expect([chosen(), chosen()]).toEqual(['good', 'good']);
  expect(existsSync(`${root}/good`)).toBe(true);
});

test('a wish comes from the flag, then from either variable', () => {
  const env = { SLIPWAY_DRIVER: 'plain', DOCKER_DRIVER: 'good' };
  expect(chosen(undefined, env)).toBe('plain');
  expect(() => chosen('good2', env)).toThrow('was made with the storage driver plain');
});

test('the classic variable is understood, and another name for the same driver', () => {
  expect(chosen(undefined, { DOCKER_DRIVER: 'good2' })).toBe('good');
});

test('what is unknown, not built or does not work is said, and nothing is made', () => {
  expect(() => chosen('zfs')).toThrow('unknown storage driver "zfs": there are fast, good, plain');
  expect(() => chosen('planned')).toThrow('planned does not work here: it is not built');
  expect(() => chosen('fast')).toThrow('fast does not work here: the kernel has no fast');
  expect(existsSync(`${root}/driver`)).toBe(false);
});

test('a disk that is full takes no trial: what was used before is used', () => {
  const full = Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' });
  let room = true;
  const narrow: Registry = [
    {
      ...{ name: 'good', make: home => vfsDriver(home) },
      objection: () => {
        if (!room) throw full;
        return undefined;
      },
    },
  ];
  room = false;
  expect(() => chooseDriver(narrow, { root })).toThrow('ENOSPC');
  room = true;
  chooseDriver(narrow, { root });
  room = false;
  expect(chooseDriver(narrow, { root }).name).toBe('vfs');
});

test('where the note of it is lost or unreadable the layers say which it was', () => {
  expect(chosen('plain')).toBe('plain');
  mkdirSync(`${root}/plain/a-layer`);
  writeFileSync(`${root}/driver`, Buffer.alloc(8));
  expect(chosen()).toBe('plain');
  rmSync(`${root}/driver`);
  expect(chosen()).toBe('plain');
});
