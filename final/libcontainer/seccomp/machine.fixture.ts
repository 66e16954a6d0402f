// The kernel's machine for filters, as small as it can be: for the tests.
//
// - `runFilter(program, call)`: the verdict of a compiled filter
// - `decide(seccomp, call)`: the same from the profile itself, rule by rule, as it is written
//
// Neither knows of the other: where they agree, the compiler has changed nothing.

import type { Seccomp, SeccompArgument } from '../spec/seccomp.ts';
import { ipcCalls, numbersOf, socketCalls, x32Bit, type Architecture } from './numbers.ts';

export interface TriedCall {
  readonly architecture: Architecture;
  readonly number: number;
  readonly args: readonly bigint[];
}

const audit = { x86_64: 0xc000003e, x32: 0xc000003e, x86: 0x40000003, aarch64: 0xc00000b7 };

export function runFilter(program: Uint8Array, call: TriedCall): number {
  const data = Buffer.alloc(64);
  data.writeUInt32LE(call.number, 0);
  data.writeUInt32LE({ ...audit, arm: 0x40000028 }[call.architecture], 4);
  for (const [index, arg] of call.args.entries()) data.writeBigUInt64LE(arg, 16 + 8 * index);
  const code = Buffer.from(program);
  let accumulator = 0;
  for (let at = 0; at < code.length / 8; at += 1) {
    const [op, k] = [code.readUInt16LE(at * 8), code.readUInt32LE(at * 8 + 4)];
    const [whenTrue, whenFalse] = [code.readUInt8(at * 8 + 2), code.readUInt8(at * 8 + 3)];
    const branch = (taken: boolean): void => void (at += taken ? whenTrue : whenFalse);
    if (op === 0x20) accumulator = data.readUInt32LE(k);
    else if (op === 0x54) accumulator = (accumulator & k) >>> 0;
    else if (op === 0x05) at += k;
    else if (op === 0x15) branch(accumulator === k);
    else if (op === 0x25) branch(accumulator > k);
    else if (op === 0x35) branch(accumulator >= k);
    else if (op === 0x06) return k;
    else throw new Error(`instruction ${at} is none: ${op}`);
  }
  throw new Error('it ran over its end');
}

const verdicts: Readonly<Record<string, number>> = {
  SCMP_ACT_KILL: 0,
  SCMP_ACT_KILL_THREAD: 0,
  SCMP_ACT_KILL_PROCESS: 0x80000000,
  SCMP_ACT_TRAP: 0x30000,
  SCMP_ACT_ERRNO: 0x50000,
  SCMP_ACT_TRACE: 0x7ff00000,
  SCMP_ACT_LOG: 0x7ffc0000,
  SCMP_ACT_ALLOW: 0x7fff0000,
};

function shown(action: string, errno = 1): number {
  const carries = action === 'SCMP_ACT_ERRNO' || action === 'SCMP_ACT_TRACE';
  return (verdicts[action] ?? 0) + (carries ? errno : 0);
}

export function decide(seccomp: Seccomp, call: TriedCall): number {
  const { architecture, number } = call;
  const table = numbersOf(architecture);
  const otherwise = shown(seccomp.defaultAction, seccomp.defaultErrnoRet);
  const named = (seccomp.syscalls ?? []).flatMap(({ names }) => names);
  const youngest = Math.max(...named.map(name => table.get(name) ?? -1));
  const permissive = ['SCMP_ACT_ALLOW', 'SCMP_ACT_LOG'].includes(seccomp.defaultAction);
  const knowing = youngest >= 0 && !permissive && otherwise !== 0x50026;
  if (knowing && number > youngest) return 0x50026;
  const hasX32 = seccomp.architectures?.includes('SCMP_ARCH_X32') ?? false;
  if (architecture === 'x86_64' && number >= x32Bit && !hasX32) return 0;
  const found: { readonly verdict: number; readonly held: boolean; readonly bare: boolean }[] = [];
  for (const { names, action, errnoRet, args = [] } of seccomp.syscalls ?? []) {
    const verdict = shown(action, errnoRet);
    if (verdict === otherwise) continue;
    for (const name of names) {
      const hits = (one: SeccompArgument): boolean => holds(one, call);
      const indices = args.map(({ index }) => index);
      const twice = new Set(indices).size !== indices.length;
      const meets = (some: readonly SeccompArgument[]): boolean =>
        twice ? some.some(hits) : some.every(hits);
      if (table.get(name) === number) {
        found.push({ verdict, held: meets(args), bare: args.length === 0 });
      }
      if (architecture !== 'x86') continue;
      const socket = socketCalls.indexOf(name);
      const ipc = ipcCalls.get(name) ?? 0;
      const kind = socket > 0 ? socket : ipc;
      const way = table.get(socket > 0 ? 'socketcall' : 'ipc');
      if (kind === 0 || way !== number) continue;
      const rest = args.filter(({ index }) => index !== 0);
      // Of two conditions on argument 0 nothing is left but the kind of call, twice.
      const others = twice && rest.length < args.length ? true : rest.length === 0 || meets(rest);
      found.push({ verdict, held: others && low(call.args[0]) === kind, bare: false });
    }
  }
  const bare = found.find(one => one.bare);
  return (bare ?? found.find(({ held }) => held))?.verdict ?? otherwise;
}

function low(value = 0n): number {
  return Number(value & 0xffffffffn);
}

function holds({ index, op, value, valueTwo = 0 }: SeccompArgument, call: TriedCall): boolean {
  const narrow = call.architecture === 'x86' || call.architecture === 'arm';
  const cut = (number: bigint): bigint => (narrow ? number & 0xffffffffn : number);
  const [arg, wanted] = [cut(call.args[index] ?? 0n), cut(BigInt(value))];
  switch (op) {
    case 'SCMP_CMP_EQ':
      return arg === wanted;
    case 'SCMP_CMP_NE':
      return arg !== wanted;
    case 'SCMP_CMP_LT':
      return arg < wanted;
    case 'SCMP_CMP_LE':
      return arg <= wanted;
    case 'SCMP_CMP_GT':
      return arg > wanted;
    case 'SCMP_CMP_GE':
      return arg >= wanted;
    case 'SCMP_CMP_MASKED_EQ':
      return (arg & wanted) === cut(BigInt(valueTwo));
  }
}
