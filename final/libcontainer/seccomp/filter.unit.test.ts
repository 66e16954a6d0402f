/** A filter answers what the profile says, for every call of every processor. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Seccomp, SeccompArgument } from '../spec/seccomp.ts';
import { defaultSeccompProfile } from './default-profile.ts';
import { compileSeccomp } from './filter.ts';
import { decide, runFilter, type TriedCall } from './machine.fixture.ts';
import { numbersOf, x32Bit, type Architecture } from './numbers.ts';

const onX86: readonly Architecture[] = ['x86_64', 'x86', 'x32'];
const onArm: readonly Architecture[] = ['aarch64', 'arm'];
const every = [...onX86, ...onArm];
const archNames = every.map(one => `SCMP_ARCH_${one.toUpperCase()}`);

interface Conditions {
  readonly names: readonly string[];
  readonly includes?: { caps?: readonly string[]; arches?: readonly string[]; minKernel?: string };
  readonly excludes?: { caps?: readonly string[] };
}

/** Docker's, for a container with these rights; its conditions are read as Docker reads them. */
function dockers(caps: readonly string[], arch: 'amd64' | 'arm64'): Seccomp {
  const { archMap, defaultAction, defaultErrnoRet, syscalls } = defaultSeccompProfile;
  const [own] = arch === 'amd64' ? [archMap[0]] : [archMap[1]];
  const allowed = syscalls.filter(rule => {
    const { includes = {}, excludes = {} }: Conditions = rule;
    const wanted = includes.caps?.every(cap => caps.includes(cap)) ?? true;
    const here = includes.arches?.includes(arch) ?? true;
    return wanted && here && !(excludes.caps?.some(cap => caps.includes(cap)) ?? false);
  });
  const architectures = [own.architecture, ...own.subArchitectures];
  return { defaultAction, defaultErrnoRet, architectures, syscalls: allowed };
}

const argument = fc.oneof(
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  fc.constantFrom(0n, 1n, 8n, 40n, 0xffffffffn, 0x100000001n, 0x7e020000n, 0x20000000n),
);
const args = fc.array(argument, { minLength: 6, maxLength: 6 });

const call = (architectures: readonly Architecture[]): fc.Arbitrary<TriedCall> =>
  fc.constantFrom(...architectures).chain(architecture =>
    fc.record({
      architecture: fc.constant(architecture),
      number: fc.oneof(
        fc.constantFrom(...numbersOf(architecture).values()),
        fc.nat(700).map(low => (architecture === 'x32' ? low + x32Bit : low)),
        fc.constantFrom(0xffffffff, 0x80000000, 0x3fffffff),
      ),
      args,
    }),
  );

const condition: fc.Arbitrary<SeccompArgument> = fc.record(
  {
    index: fc.nat(5),
    op: fc.constantFrom(
      ...(['SCMP_CMP_NE', 'SCMP_CMP_LT', 'SCMP_CMP_LE', 'SCMP_CMP_EQ'] as const),
      ...(['SCMP_CMP_GE', 'SCMP_CMP_GT', 'SCMP_CMP_MASKED_EQ'] as const),
    ),
    value: fc.oneof(fc.nat(100), fc.constantFrom(0xffffffff, '18446744073709551615', '4294967296')),
    valueTwo: fc.nat(100),
  },
  { requiredKeys: ['index', 'op', 'value'] },
);

const action = fc.constantFrom(
  ...(['SCMP_ACT_ALLOW', 'SCMP_ACT_ERRNO', 'SCMP_ACT_KILL_PROCESS', 'SCMP_ACT_LOG'] as const),
  ...(['SCMP_ACT_TRAP', 'SCMP_ACT_TRACE', 'SCMP_ACT_KILL'] as const),
);
const known = [...numbersOf('x86').keys()];
const someNames = fc.oneof(
  fc.constantFrom(...known),
  fc.constantFrom('socket', 'semop', 'shmat', 'clone', 'nobody_knows_this'),
);

const profile: fc.Arbitrary<Seccomp> = fc.record({
  defaultAction: action,
  defaultErrnoRet: fc.constantFrom(1, 38, 13),
  architectures: fc.subarray(archNames),
  syscalls: fc.array(
    fc.record({
      names: fc.array(someNames, { minLength: 1, maxLength: 12 }),
      action,
      errnoRet: fc.nat(4095),
      args: fc.array(condition, { maxLength: 3 }),
    }),
    { maxLength: 12 },
  ),
});

test('whatever the profile, the compiled filter answers as it is written', () => {
  fc.assert(
    fc.property(profile, fc.array(call(onX86), { minLength: 20 }), (seccomp, calls) => {
      const program = compileSeccomp(seccomp, 'x86_64');
      const named = seccomp.architectures ?? [];
      for (const one of calls) {
        const { architecture } = one;
        const isNamed = named.includes(`SCMP_ARCH_${architecture.toUpperCase()}`);
        // A call of x32 comes from the same processor: without x32 it is a number too high.
        const met: TriedCall =
          architecture === 'x32' && !isNamed ? { ...one, architecture: 'x86_64' } : one;
        const high =
          architecture !== 'x86' && one.number >= x32Bit && named.includes('SCMP_ARCH_X32');
        const read: TriedCall = high ? { ...one, architecture: 'x32' } : met;
        if (read.architecture === 'x32' && one.number < x32Bit) continue;
        const expected = architecture === 'x86' && !isNamed ? 0 : decide(seccomp, read);
        expect([one, runFilter(program, one)]).toEqual([one, expected]);
      }
    }),
    { numRuns: 200 },
  );
});

describe("Docker's default filter", () => {
  const [allow, eperm, enosys] = [0x7fff0000, 0x50001, 0x50026];
  const plain = compileSeccomp(dockers([], 'amd64'), 'x86_64');
  const admin = compileSeccomp(dockers(['CAP_SYS_ADMIN'], 'amd64'), 'x86_64');
  const verdict = (
    program: Uint8Array,
    architecture: Architecture,
    name: string,
    ...first: readonly bigint[]
  ): number => {
    const number = numbersOf(architecture).get(name);
    if (number === undefined) throw new Error(`${architecture} has no ${name}`);
    return runFilter(program, {
      architecture,
      number,
      args: [...first, 0n, 0n, 0n, 0n, 0n, 0n].slice(0, 6),
    });
  };

  test('every number of every processor, with and without rights, gets what is written', () => {
    const rights = [[], ['CAP_SYS_ADMIN'], ['CAP_SYS_PTRACE', 'CAP_SYS_TIME', 'CAP_BPF']];
    for (const caps of rights) {
      for (const [arch, machine, architectures] of [
        ['amd64', 'x86_64', onX86],
        ['arm64', 'aarch64', onArm],
      ] as const) {
        const seccomp = dockers(caps, arch);
        const program = compileSeccomp(seccomp, machine);
        for (const architecture of architectures) {
          const base = architecture === 'x32' ? x32Bit : 0;
          for (let number = base; number < base + 600; number += 1) {
            for (const arg of [0n, 40n, 0x20000000n]) {
              const tried = { architecture, number, args: [arg, arg, 0n, 0n, 0n, 0n] };
              expect([tried, runFilter(program, tried)]).toEqual([tried, decide(seccomp, tried)]);
            }
          }
        }
      }
    }
  });

  test('what people rely on, by name', () => {
    for (const architecture of onX86) {
      const of = (name: string, ...first: readonly bigint[]): number =>
        verdict(plain, architecture, name, ...first);
      expect([of('read'), of('execve'), of('openat2')]).toEqual([allow, allow, allow]);
      expect([of('keyctl'), of('mount'), of('unshare')]).toEqual([eperm, eperm, eperm]);
      expect(of('io_uring_setup')).toBe(eperm);
      expect([of('clone', 0x11n), of('clone', 0x20000011n)]).toEqual([allow, eperm]);
      expect(of('clone3')).toBe(enosys);
      expect([of('socket', 2n), of('socket', 40n)]).toEqual([allow, eperm]);
      expect([of('personality', 8n), of('personality', 4n)]).toEqual([allow, eperm]);
      // x32 has calls of its own with higher numbers: there these are no younger ones.
      const young = architecture === 'x32' ? eperm : enosys;
      expect([of('mseal'), of('listmount')]).toEqual([young, young]);
    }
    expect(verdict(plain, 'x86', 'socketcall', 1n)).toBe(allow);
    expect(verdict(admin, 'x86_64', 'unshare')).toBe(allow);
    expect(verdict(admin, 'x86_64', 'clone3')).toBe(allow);
  });

  test('another processor is none of ours', () => {
    const foreign = { architecture: 'arm', number: 0, args: [0n, 0n, 0n, 0n, 0n, 0n] } as const;
    expect(runFilter(plain, foreign)).toBe(0);
  });

  test('it is short, and no answer is far', () => {
    expect(plain.length / 8).toBeLessThan(1100);
  });
});

test('a profile that no filter can hold is refused', () => {
  const names = Array.from(
    { length: 900 },
    (_, index) => [...numbersOf('x86_64').keys()][index % 350],
  );
  const syscalls = names.map((name = 'read', value) => ({
    names: [name],
    action: 'SCMP_ACT_ALLOW' as const,
    args: [{ index: 0, value, op: 'SCMP_CMP_EQ' as const }],
  }));
  const long = { defaultAction: 'SCMP_ACT_ERRNO', syscalls } as const;
  expect(() => compileSeccomp(long, 'x86_64')).toThrow(/instructions: too many/);
});
