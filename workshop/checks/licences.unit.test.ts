import { expect, test } from 'vitest';
import { isPermissive, licences } from './licences.ts';
import { planted } from './planted.ts';

function found(packages: Readonly<Record<string, object>>, crate = 'MIT'): readonly string[] {
  using tree = planted({
    'package-lock.json': JSON.stringify({ packages }),
    'native/Cargo.toml': `[package]\nname = "planted"\nlicense = "${crate}"\nedition = "2024"\n\n[workspace]\n`,
    'native/src/lib.rs': '',
  });
  return licences.run(tree.root);
}

test.for([
  ['MIT', true],
  ['MIT OR GPL-3.0-only', true],
  ['MIT AND GPL-3.0-only', false],
  ['(MIT OR Apache-2.0) AND Unicode-3.0', true],
  ['Apache-2.0 WITH LLVM-exception OR GPL-2.0', true],
  ['MIT/Apache-2.0', true],
  ['GPL-3.0-or-later', false],
  ['SEE LICENSE IN LICENSE.md', false],
  ['(MIT', false],
  ['', false],
] as const)('%s: permissive is %s', ([expression, permissive]) => {
  expect(isPermissive(expression)).toBe(permissive);
});

test('an npm package without a permissive licence is found', () => {
  const packages = {
    '': { license: 'Apache-2.0' },
    'node_modules/good': { license: 'ISC' },
    'node_modules/@a/copyleft': { license: 'GPL-3.0' },
    'node_modules/silent': {},
    'node_modules/lightningcss': { license: 'MPL-2.0' },
    'node_modules/lightness': { license: 'MPL-2.0' },
  };
  expect(found(packages)).toEqual([
    '@a/copyleft: GPL-3.0',
    'silent: no licence',
    'lightness: MPL-2.0',
  ]);
});

test('a crate without a permissive licence is found', () => {
  expect(found({}, 'AGPL-3.0')).toEqual(['planted: AGPL-3.0']);
});
