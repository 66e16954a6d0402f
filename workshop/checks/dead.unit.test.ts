import { expect, test } from 'vitest';
import { dead } from './dead.ts';
import { planted } from './planted.ts';

const alive = {
  'native/package.json': '{"name": "@slipway/native", "exports": {".": "./index.ts"}}',
  'native/index.ts': `export { spawn } from './spawn.ts'; export * from './steps.ts';`,
  'native/spawn.ts': `
    export interface Options { readonly program: string }
    export function spawn(options: Options): string { return options.program; }`,
  'native/steps.ts': 'export const exec = 1;',
  'native/spawn.test.ts': `import { waited } from './wait.ts'; waited();`,
  'native/wait.ts': 'export function waited(): void {}',
};

function found(files: Readonly<Record<string, string>>): readonly string[] {
  using tree = planted({ ...alive, ...files });
  return dead.run(tree.root);
}

test('what the public face passes on, a signature names or a test uses is alive', () => {
  expect(found({})).toEqual([]);
});

test('an export that nothing imports is found', () => {
  const text = 'export function waited(): void {}\nexport const planted = 3;';
  expect(found({ 'native/wait.ts': text })).toEqual(['native/wait.ts: nothing imports planted']);
});

test('an exported type that not even its own file uses is found', () => {
  const text = 'export function waited(): void {}\nexport interface Planted { a: 1 }';
  expect(found({ 'native/wait.ts': text })).toEqual(['native/wait.ts: nothing imports Planted']);
});

test('a file that nothing imports or starts is found', () => {
  expect(found({ 'native/lonely.ts': 'process.exit(3);' })).toEqual([
    'native/lonely.ts: nothing imports it or starts it',
  ]);
});

test('a file that a script of package.json starts is alive', () => {
  const manifest = '{"name": "slipway", "scripts": {"doctor": "tsx workshop/lonely.ts"}}';
  expect(found({ 'package.json': manifest, 'workshop/lonely.ts': 'process.exit(3);' })).toEqual([]);
});
