/** Every way in which an `execve` or a step is refused, and that the person is told why. */
import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { expect } from 'vitest';
import { check } from '@slipway/lab/check.ts';
import { ProgramError } from '../../program/check-program.ts';
import { collect, shell } from '../../process/collect.ts';
import { step, type Step } from '../../program/program.ts';
import type { SpawnRequest } from '../../process/spawn.ts';
import { SyscallError } from '../../syscall-error.ts';

const needs = ['native'] as const;
const asRoot = ['native', 'root'] as const;

async function refusal(request: Omit<SpawnRequest, 'stdio'>): Promise<SyscallError> {
  try {
    await collect(request);
  } catch (error) {
    if (error instanceof SyscallError) return error;
    throw error;
  }
  throw new Error('it was not refused');
}

function refusedExec(argv: readonly string[], before: readonly Step[] = []): Promise<SyscallError> {
  const namespaces = before.length === 0 ? [] : (['mount'] as const);
  const env = ['PATH=/nowhere:/etc'];
  return refusal({ namespaces, program: [...before, step.exec(argv, env)] });
}

/** An ELF file of `machine` with one program header, of `kind`, for the text behind it. */
function elf(machine: number, kind: number, text: string): Buffer {
  const bytes = Buffer.alloc(120 + text.length + 1);
  bytes.write('\x7fELF\x02\x01\x01', 'latin1');
  bytes.writeUInt16LE(2, 16);
  bytes.writeUInt16LE(machine, 18);
  bytes.writeUInt32LE(1, 20);
  bytes.writeBigUInt64LE(64n, 32);
  bytes.writeUInt16LE(64, 52);
  bytes.writeUInt16LE(56, 54);
  bytes.writeUInt16LE(1, 56);
  bytes.writeUInt32LE(kind, 64);
  bytes.writeBigUInt64LE(120n, 72);
  bytes.writeBigUInt64LE(BigInt(text.length + 1), 96);
  bytes.write(text, 120);
  return bytes;
}

const [ours, riscv] = [process.arch === 'x64' ? 62 : 183, 243];
const interpreterHeader = 3;

check('a program that is nowhere: where it was looked for', { needs }, async () => {
  const searched = await refusedExec(['no-such-program']);
  expect(searched.reason).toEqual({
    kind: 'notFound',
    lookedIn: ['/nowhere/no-such-program', '/etc/no-such-program'],
  });
  expect(searched.message).toBe(
    'step 0 (exec): execve("no-such-program", ["no-such-program"]): ENOENT: ' +
      'found in no folder of PATH (/nowhere, /etc)',
  );
  expect((await refusedExec(['/no/such'])).hint).toBe('there is no /no/such');
  expect((await refusedExec(['/etc/passwd/x'])).reason?.kind).toBe('notFound');
});

check('a script or a program whose interpreter is missing', { needs }, async ({ scratch }) => {
  const folder = await scratch();
  const [script, program] = [`${folder}/script`, `${folder}/program`];
  writeFileSync(script, '#! /no/such/shell -e\n', { mode: 0o755 });
  writeFileSync(program, elf(ours, interpreterHeader, '/lib/no-ld.so'), { mode: 0o755 });
  expect((await refusedExec([script])).reason).toEqual({
    kind: 'interpreterMissing',
    path: script,
    interpreter: '/no/such/shell',
  });
  expect((await refusedExec([program])).reason).toEqual({
    kind: 'interpreterMissing',
    path: program,
    interpreter: '/lib/no-ld.so',
  });
});

check('a program for another processor', { needs }, async ({ scratch }) => {
  const path = `${await scratch()}/foreign`;
  writeFileSync(path, elf(riscv, 1, ''), { mode: 0o755 });
  expect((await refusedExec([path])).reason).toEqual({
    kind: 'wrongArchitecture',
    path,
    machine: riscv,
  });
});

check('neither ELF nor #!', { needs }, async ({ scratch }) => {
  const path = `${await scratch()}/text`;
  writeFileSync(path, 'echo hello\n', { mode: 0o755 });
  const error = await refusedExec([path]);
  expect([error.code, error.reason?.kind]).toEqual(['ENOEXEC', 'notAProgram']);
});

check('a file without x, a directory, a device', { needs }, async ({ scratch }) => {
  const folder = await scratch();
  const path = `${folder}/plain`;
  writeFileSync(path, '#!/bin/sh\n', { mode: 0o644 });
  expect((await refusedExec([path])).reason).toEqual({ kind: 'notExecutable', path });
  expect((await refusedExec([folder])).reason).toEqual({ kind: 'isDirectory', path: folder });
  expect((await refusedExec(['/dev/null'])).reason?.kind).toBe('notAProgram');
});

check(
  'a script that may be run, with an interpreter that may not',
  { needs },
  async ({ scratch }) => {
    const folder = await scratch();
    const [script, shellFile] = [`${folder}/script`, `${folder}/shell`];
    writeFileSync(shellFile, '', { mode: 0o644 });
    writeFileSync(script, `#!${shellFile}\n`, { mode: 0o755 });
    expect((await refusedExec([script])).reason).toEqual({
      kind: 'notExecutable',
      path: shellFile,
    });
  },
);

check(
  'in a search a file that may not be run is named before "not found"',
  { needs },
  async ({ scratch }) => {
    const folder = await scratch();
    writeFileSync(`${folder}/tool`, '#!/bin/sh\n', { mode: 0o644 });
    const env = [`PATH=${folder}:/nowhere`];
    const error = await refusal({ program: [step.exec(['tool'], env)] });
    expect(error.reason).toEqual({ kind: 'notExecutable', path: `${folder}/tool` });
  },
);

check('a file system that is mounted noexec', { needs: asRoot }, async ({ scratch }) => {
  const folder = await scratch();
  const path = `${folder}/script`;
  writeFileSync(path, '#!/bin/sh\n', { mode: 0o755 });
  const before = [
    step.setPropagation('private'),
    step.mount(folder, folder, '', { flags: ['bind'] }),
    step.mount('none', folder, '', { flags: ['bind', 'remount', 'noexec'] }),
  ];
  expect((await refusedExec([path], before)).reason).toEqual({ kind: 'noexecMount', path });
});

check('a folder that this user may not search', { needs: asRoot }, async ({ scratch }) => {
  const folder = await scratch();
  mkdirSync(`${folder}/closed`);
  writeFileSync(`${folder}/closed/script`, '#!/bin/sh\n', { mode: 0o755 });
  chmodSync(`${folder}/closed`, 0o700);
  const program = [step.setIds(65534, 65534, []), step.exec([`${folder}/closed/script`], [])];
  const error = await refusal({ program });
  expect([error.code, error.hint]).toEqual([
    'EACCES',
    'a directory on the way to it may not be searched by this user',
  ]);
});

check('arguments that are too long are told in part', { needs }, async () => {
  const error = await refusedExec(['/no/such', ...Array<string>(20).fill('x'.repeat(100_000))]);
  expect([error.code, error.args.length < 5000]).toEqual(['ENOENT', true]);
  expect(error.args).toMatch(/^"\/no\/such", \["\/no\/such", "x+… \(\d+ bytes\)$/);
  const many = await refusedExec(['/bin/true', 'x'.repeat(200_000)]);
  expect(many.code).toBe('E2BIG');
});

check(
  'a program that no environment can hold is refused before it has begun',
  { needs },
  async () => {
    const error = await refusedExec(['/bin/true', ...Array<string>(40).fill('x'.repeat(100_000))]);
    expect([error.syscall, error.code, error.step]).toEqual(['execveat', 'E2BIG', undefined]);
    expect(error.hint).toMatch(/longer than the kernel hands to a new process/);
  },
);

check('a PATH of very many folders is no trouble', { needs }, async () => {
  const env = [`PATH=${Array<string>(20_000).fill('/none').join(':')}`];
  const error = await refusal({ program: [step.exec(['tool'], env)] });
  expect(error.reason?.kind).toBe('notFound');
});

check(
  'a step that fails: its number, call, arguments, errno and hint',
  { needs: asRoot },
  async () => {
    const failing = [
      step.setHostname('x'.repeat(65)),
      step.changeDirectory('/no/such'),
      step.mount('none', '/proc/none', 'tmpfs'),
      step.mount('none', '/mnt', 'no-such-fs'),
      step.openTerminal(24, 80, '/no/pts'),
      step.setTimeOffsets({ monotonicSeconds: 1, boottimeSeconds: -(2 ** 40) }),
    ];
    const before = [step.setPropagation('private'), step.unshare(['time'])];
    const messages: string[] = [];
    for (const bad of failing) {
      const program = [...before, bad, step.fork(), shell('true')];
      messages.push((await refusal({ namespaces: ['uts', 'mount'], program })).message);
    }
    expect(messages.join('\n')).toMatchInlineSnapshot(`
      "step 2 (setHostname): sethostname("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", 65): EINVAL: a host name has at most 64 bytes
      step 2 (changeDirectory): chdir("/no/such"): ENOENT
      step 2 (mount): mount("none", "/proc/none", "tmpfs", 0, ""): ENOENT: the target (or the source) does not exist in this root
      step 2 (mount): mount("none", "/mnt", "no-such-fs", 0, ""): ENODEV: this kernel does not know the file system
      step 2 (openTerminal): open("/no/pts/ptmx", O_RDWR|O_NOCTTY|O_CLOEXEC): ENOENT
      step 2 (setTimeOffsets): write("/proc/self/timens_offsets", "monotonic 1 0\\nboottime -1099511627776 0\\n"): ERANGE"
    `);
  },
);

check('a bad program is refused before anything has run', { needs }, async ({ scratch }) => {
  const mark = `${await scratch()}/mark`;
  const unknown = { call: 'reboot' } as unknown as Step;
  for (const program of [
    [shell(`touch ${mark}`), step.changeDirectory('/')],
    [unknown, shell(`touch ${mark}`)],
    [step.setHostname('box'), shell(`touch ${mark}`)],
  ]) {
    await expect(collect({ program })).rejects.toBeInstanceOf(ProgramError);
  }
  expect(existsSync(mark)).toBe(false);
});

check('a path with quotes and line ends is told as it is', { needs }, async () => {
  const target = '/no/"such"\n\\place';
  const error = await refusal({ program: [step.changeDirectory(target), shell('true')] });
  expect(error.args).toBe(String.raw`"/no/\"such\"\n\\place"`);
  const cgroups = [target];
  expect((await refusal({ cgroups, program: [shell('true')] })).args).toBe(
    `${error.args}, O_PATH|O_DIRECTORY`,
  );
});
