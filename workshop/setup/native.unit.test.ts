import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { planted } from '../checks/planted.ts';
import { sourceDigest, staleNative, stampNative } from './native.mjs';

const sources = {
  'native/Cargo.toml': '[workspace]\n',
  'native/build.ts': '',
  'native/init/src/main.rs': 'fn main() {}\n',
};

function build(root: string): void {
  mkdirSync(join(root, 'native/dist'), { recursive: true });
  for (const name of ['slipway.node', 'slipway-init']) {
    writeFileSync(join(root, 'native/dist', name), '');
  }
  stampNative(root);
}

test('after a build nothing is due', () => {
  using tree = planted(sources);
  expect(staleNative(tree.root)).toBe('native/dist/slipway.node is missing');
  build(tree.root);
  expect(staleNative(tree.root)).toBeUndefined();
});

test('a changed, a new and a renamed source make a build due, another file does not', () => {
  using tree = planted({ ...sources, 'native/target/debug/made.rs': '' });
  build(tree.root);
  const write = (file: string, text: string): void => writeFileSync(join(tree.root, file), text);
  write('native/README.md', 'words');
  write('native/target/debug/made.rs', 'made by cargo');
  expect(staleNative(tree.root)).toBeUndefined();
  write('native/init/src/main.rs', 'fn main() { }\n');
  expect(staleNative(tree.root)).toBe('its sources have changed');
  build(tree.root);
  write('native/init/src/more.rs', '');
  expect(staleNative(tree.root)).toBe('its sources have changed');
});

test('the digest tells the same bytes under another name apart', () => {
  using one = planted({ 'native/a.rs': 'x' });
  using other = planted({ 'native/b.rs': 'x' });
  const digest = (root: string): string => sourceDigest(join(root, 'native'));
  expect(digest(one.root)).not.toBe(digest(other.root));
});
