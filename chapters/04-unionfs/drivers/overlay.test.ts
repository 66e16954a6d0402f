/**
 * What only overlayfs has: its limit of layers, and its other form in a user namespace.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { check } from '@slipway/lab/check.ts';
import { makeFileSystem } from '@slipway/native';
import { expect } from 'vitest';
import { overlayOf } from './overlay-mount.ts';

const needs = ['root', 'native', 'overlay', 'kernel>=6.5'] as const;

function manyFolders(place: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, number) => {
    const folder = `${place}/${number}`;
    mkdirSync(folder);
    writeFileSync(`${folder}/f${number}`, '');
    return folder;
  });
}

check(
  'five hundred layers are one tree, one more is refused',
  { needs },
  async context => {
    const lower = manyFolders(await context.scratch(), 501);
    using tree = overlayOf({ lower: lower.slice(0, 500), userNamespace: false });
    expect(readdirSync(`/proc/self/fd/${tree.descriptor}/.`)).toHaveLength(500);
    expect(() => overlayOf({ lower, userNamespace: false })).toThrow('takes 500');
  },
);

const old = ['root', 'native', 'overlay', 'kernel>=5.2'] as const;

check(
  'sixty layers fit into the one string of an old kernel',
  { needs: old },
  async context => {
    const lower = manyFolders(await context.scratch(), 60);
    using tree = overlayOf({ lower, userNamespace: false, way: 'oneString' });
    expect(readdirSync(`/proc/self/fd/${tree.descriptor}/.`)).toHaveLength(60);
    expect(process.cwd()).not.toContain('/fd');
  },
);

check(
  'strings do for a layer each, and for one to write to',
  { needs },
  async context => {
    const place = await context.scratch();
    const [work = '', upper = '', ...lower] = manyFolders(place, 20);
    for (const way of ['strings', 'oneString'] as const) {
      using tree = overlayOf({
        lower,
        writable: { upper, work },
        userNamespace: false,
        way,
      });
      writeFileSync(`/proc/self/fd/${tree.descriptor}/${way}`, '');
    }
    expect(readdirSync(upper).toSorted()).toEqual(['f1', 'oneString', 'strings']);
  },
);

check('the kernel’s own words stand in a refusal', { needs }, () => {
  const make = (): unknown => makeFileSystem('overlay', ['no-such-option']);
  expect(make).toThrow(/no-such-option.*Unknown parameter/);
});

const alone = [
  'root',
  'native',
  'user-namespace',
  'kernel>=6.5',
  'tool:unshare',
] as const;

check('it works for root of a user namespace only', { needs: alone }, async context => {
  const place = await context.scratch();
  const script = `${import.meta.dirname}/user-namespace.fixture.ts`;
  const words = ['--user', '--map-root-user', '--mount', process.execPath];
  const node = [...words, '--import', 'tsx', script, `${place}/home`];
  const options = { cwd: import.meta.dirname, encoding: 'utf8' } as const;
  expect(JSON.parse(execFileSync('unshare', node, options))).toEqual({
    inUserNamespace: true,
    before: ['a', 'gone'],
    after: ['a', 'new'],
    changes: ['D /gone', 'A /new'],
    mode: '4755',
    leftOut: ['null'],
    attributes: ['user.overlay.opaque'],
  });
});
