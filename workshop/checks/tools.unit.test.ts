import { expect, test } from 'vitest';
import { type Check, toolFindings } from './check.ts';
import { planted } from './planted.ts';
import { format, lint, rustFormat, rustLint, types } from './tools.ts';

function found(check: Check, files: Readonly<Record<string, string>>): string {
  using tree = planted(files);
  return check.run(tree.root).join('\n');
}

const crate = (source: string): Readonly<Record<string, string>> => ({
  'native/Cargo.toml': '[package]\nname = "planted"\nedition = "2024"\n\n[workspace]\n',
  'native/src/lib.rs': source,
});

const clean = {
  'workshop/clean.ts': 'export const port = 80;\n',
  ...crate('pub fn port() -> u16 {\n    80\n}\n'),
};

test.for([types, lint, format, rustLint, rustFormat])(
  '$name has nothing to say about a clean tree',
  check => {
    expect(found(check, clean)).toBe('');
  },
);

test('a wrong type is found', () => {
  expect(found(types, { 'workshop/a.ts': 'export const port: number = "80";\n' })).toContain(
    'TS2322',
  );
});

test.for([
  ['a floating promise', 'no-floating-promises', 'Promise.resolve(1);\n'],
  ['any', 'no-explicit-any', 'export const port: any = 80;\n'],
  ['a non-null assertion', 'no-non-null-assertion', 'export const a = process.env["A"]!;\n'],
  ['a default export', 'no-default-export', 'export default 80;\n'],
] as const)('the linter finds %s', ([, rule, source]) => {
  expect(found(lint, { 'workshop/a.ts': source })).toContain(rule);
});

test('a file that the formatter would write otherwise is found', () => {
  expect(found(format, { 'workshop/a.ts': 'export const port   = 80\n' })).toBe('workshop/a.ts');
});

test('a warning of clippy is found', () => {
  const source = 'pub fn none(ports: &[u16]) -> bool {\n    ports.len() == 0\n}\n';
  expect(found(rustLint, crate(source))).toContain('is_empty');
});

test('a Rust file that rustfmt would write otherwise is found', () => {
  expect(found(rustFormat, crate('pub fn port()->u16{80}\n'))).toContain('lib.rs');
});

test('a tool that is not there is a finding, not a pass', () => {
  using tree = planted({});
  expect(toolFindings(tree.root, 'no-such-tool', [])[0]).toContain('no-such-tool did not start');
});
