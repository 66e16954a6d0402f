/** What a program needs, read from its file; ldd(1) is the oracle. */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  realpathSync,
  writeFileSync,
} from 'node:fs';
import { scratchFolder } from '@slipway/lab';
import { check } from '@slipway/lab/check.ts';
import { expect, test } from 'vitest';
import { readElf } from './elf.ts';
import { findProgram } from './find-program.ts';
import { filesNeededBy, LibraryMissing } from './libraries.ts';
import { packPrograms } from './pack.ts';

const dynamic = ['bash', 'ls', process.execPath];

/** The files that ldd names, links resolved. */
function lddOf(program: string): readonly string[] {
  const listed = execFileSync('ldd', [program], { encoding: 'utf8' });
  const paths = listed
    .split('\n')
    .flatMap(line => /(\/\S+) \(0x/.exec(line)?.[1] ?? []);
  return paths.map(path => realpathSync(path)).toSorted();
}

for (const name of dynamic) {
  const needs = ['tool:ldd'] as const;
  check(`reading finds what running finds: ${name}`, { needs }, () => {
    const program = findProgram(name);
    const found = filesNeededBy(program).map(path => realpathSync(path));
    expect(found.toSorted()).toEqual(lddOf(program));
  });
}

check('a static program needs nothing', { needs: ['tool:busybox'] }, () => {
  const busybox = findProgram('busybox');
  expect(readElf(busybox)?.interpreter).toBeUndefined();
  expect(filesNeededBy(busybox)).toEqual([]);
});

test('a text is no ELF file, and needs no library', () => {
  expect(readElf(import.meta.filename)).toBeUndefined();
  expect(filesNeededBy(import.meta.filename)).toEqual([]);
});

test('a library that is nowhere is named, with who needs it', () => {
  const nowhere = (): unknown => filesNeededBy(findProgram('bash'), ['/nowhere']);
  expect(nowhere).toThrow(LibraryMissing);
  expect(nowhere).toThrow(/bash needs lib\S+, which is in none of \/nowhere/);
});

check('a packed program has its loader, and links stay links', async context => {
  const { path } = context.hold(scratchFolder());
  const packed = packPrograms(['bash'], path);
  const bash = findProgram('bash');
  const loader = readElf(bash)?.interpreter ?? '';
  expect(packed).toContain(bash);
  expect(packed).toContain(loader);
  for (const one of packed) {
    const [here, there] = [lstatSync(one), lstatSync(`${path}${one}`)];
    expect(there.isSymbolicLink()).toBe(here.isSymbolicLink());
  }
});

check(
  'of a script the interpreter is packed, and what that one needs',
  async context => {
    const { path } = context.hold(scratchFolder());
    mkdirSync(`${path}/from`);
    const script = `${path}/from/script`;
    writeFileSync(script, '#!/usr/bin/env bash\necho hello\n');
    chmodSync(script, 0o755);
    const packed = packPrograms([script], `${path}/root`);
    expect(packed).toContain(script);
    expect(packed).toContain(findProgram('env'));
    expect(packed).toContain(findProgram('bash'));
    expect(existsSync(`${path}/root${script}`)).toBe(true);
  },
);

test('a program that is not there is named, with where it was looked for', () => {
  expect(() => findProgram('no-such', '/bin:relative')).toThrow(
    'no program no-such: looked for /bin/no-such, /usr/sbin/no-such, /sbin/no-such',
  );
});
