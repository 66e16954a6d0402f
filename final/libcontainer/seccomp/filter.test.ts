/** The kernel's verdict on every system call, beside that of the profile. */
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { expect } from 'vitest';
import { check } from '@slipway/lab/check.ts';
import type { Seccomp } from '../spec/seccomp.ts';
import { defaultSeccompProfile } from './default-profile.ts';
import { compileSeccomp } from './filter.ts';
import { decide } from './machine.fixture.ts';
import type { Architecture } from './numbers.ts';

const needs = ['tool:cc'] as const;

/** So many numbers of each kind are tried; see try-calls.c. */
const most = 700;
const allowed = 777;

/** The default filter, in which nothing is allowed to happen: "allow" is an errno, too. */
const harmless: Seccomp = {
  defaultAction: 'SCMP_ACT_ERRNO',
  defaultErrnoRet: 1,
  architectures: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86', 'SCMP_ARCH_X32', 'SCMP_ARCH_AARCH64'],
  syscalls: defaultSeccompProfile.syscalls
    .filter(rule => !('includes' in rule && 'caps' in rule.includes))
    .map(rule => ({ ...rule, action: 'SCMP_ACT_ERRNO' as const, errnoRet: errnoOf(rule) })),
};

function errnoOf(rule: { readonly action: string; readonly errnoRet?: number }): number {
  return rule.action === 'SCMP_ACT_ALLOW' ? allowed : (rule.errnoRet ?? 1);
}

function expected(architecture: Architecture): readonly number[] {
  const args = [0n, 0n, 0n, 0n, 0n, 0n];
  return Array.from({ length: most }, (_, number) => {
    const isLeftOut = (number === 335 || number === 336) && architecture.startsWith('x86');
    return isLeftOut ? 0 : -(decide(harmless, { architecture, number, args }) & 0xffff);
  });
}

check(
  'every call of the machine, and of 32-bit x86, gets its verdict',
  { needs },
  async ({ scratch }) => {
    const folder = await scratch();
    const [helper, filter, results] = ['helper', 'filter', 'results'].map(
      name => `${folder}/${name}`,
    );
    if (helper === undefined || filter === undefined || results === undefined) throw new Error();
    execFileSync('cc', ['-O1', '-o', helper, `${import.meta.dirname}/try-calls.c`]);
    writeFileSync(filter, compileSeccomp(harmless));
    writeFileSync(results, Buffer.alloc(2 * most * 4));
    const { signal, status } = spawnSync(helper, [filter, results]);
    expect([signal, status]).toEqual(['SIGILL', null]);
    const bytes = readFileSync(results);
    const answers = Array.from({ length: 2 * most }, (_, index) => bytes.readInt32LE(index * 4));
    expect(answers.slice(0, most)).toEqual(expected(process.arch === 'x64' ? 'x86_64' : 'aarch64'));
    const narrow = answers.slice(most);
    // A kernel without 32-bit calls answers ENOSYS to all of them.
    const hasNarrow = process.arch === 'x64' && narrow.some(answer => answer !== -38);
    if (hasNarrow) expect(narrow).toEqual(expected('x86'));
  },
);
