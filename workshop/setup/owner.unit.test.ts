import { chownSync } from 'node:fs';
import { expect, test } from 'vitest';
import { planted } from '../checks/planted.ts';
import { asOwner, owner } from './owner.mjs';

const isRoot = process.getuid?.() === 0;
/** The user `nobody`, whom every system has. */
const nobody = 65534;

test('without sudo everybody is who they are', () => {
  using tree = planted({});
  expect(owner(tree.root, {})).toBeUndefined();
  expect(asOwner(tree.root, { PATH: '/bin' })).toEqual({ env: { PATH: '/bin' } });
});

test('under sudo the checkout stays with the user behind it, and only with its owner', ctx => {
  if (!isRoot) ctx.skip('NOT RUN: needs root: run it with sudo');
  using tree = planted({});
  expect(owner(tree.root, { SUDO_UID: '0' })).toBeUndefined();
  expect(owner(tree.root, { SUDO_UID: String(nobody) })).toBeUndefined();
  chownSync(tree.root, nobody, nobody);
  expect(owner(tree.root, { SUDO_UID: '1000' })).toBeUndefined();
  expect(owner(tree.root, { SUDO_UID: String(nobody) })).toMatchObject({ uid: nobody });
});
