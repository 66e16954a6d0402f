// What a filter answers, before it is a filter: each call's rules in one row.
//
// - `tableOf(seccomp, architecture)`: number of a call → its rules, and what all others get
// - `Verdict`: the number that a filter returns to the kernel
// - `Rule`: a verdict, and what has to hold for it
//
// It is decided as libseccomp and runc do it:
// - the first rule that holds decides; a rule without conditions stands above those with some
// - conditions on different arguments hold together; two on the same one are two rules
// - a call that is younger than every call that the profile names gets ENOSYS, so that a program
//   falls back to an older one; EPERM would make it give up
// - on 32-bit x86 the calls about sockets and System V IPC can also be made through one call each
// Sources: seccomp(2), seccomp_rule_add(3), socketcall(2), ipc(2).

import type { Seccomp, SeccompAction, SeccompArgument, SeccompRule } from '../spec/seccomp.ts';
import { ipcCalls, numbersOf, socketCalls, type Architecture } from './numbers.ts';

export type Verdict = number;

export interface Condition {
  /** Of the call, from 0. */
  readonly argument: number;
  readonly compare: SeccompArgument['op'];
  readonly value: bigint;
  /** With `SCMP_CMP_MASKED_EQ`: what is left behind the mask `value`. */
  readonly masked: bigint;
}

export interface Rule {
  readonly verdict: Verdict;
  /** All have to hold; none: it always does. */
  readonly conditions: readonly Condition[];
}

export interface Table {
  readonly rules: ReadonlyMap<number, readonly Rule[]>;
  /** Of a call without a rule, or where none holds. */
  readonly otherwise: Verdict;
  /** Calls behind this number are unknown; undefined: they get the same as the others. */
  readonly last: number | undefined;
}

const [eperm, enosys] = [1, 38];

/** linux/seccomp.h */
const returns = {
  SCMP_ACT_KILL: 0,
  SCMP_ACT_KILL_THREAD: 0,
  SCMP_ACT_KILL_PROCESS: 0x8000_0000,
  SCMP_ACT_TRAP: 0x0003_0000,
  SCMP_ACT_ERRNO: 0x0005_0000,
  SCMP_ACT_TRACE: 0x7ff0_0000,
  SCMP_ACT_LOG: 0x7ffc_0000,
  SCMP_ACT_ALLOW: 0x7fff_0000,
} as const satisfies Record<SeccompAction, number>;

export const unknownCall: Verdict = returns.SCMP_ACT_ERRNO | enosys;

function verdictOf(action: SeccompAction, errno: number | undefined): Verdict {
  const carries = action === 'SCMP_ACT_ERRNO' || action === 'SCMP_ACT_TRACE';
  return returns[action] + (carries ? (errno ?? eperm) : 0);
}

export function tableOf(seccomp: Seccomp, architecture: Architecture): Table {
  const otherwise = verdictOf(seccomp.defaultAction, seccomp.defaultErrnoRet);
  const numbers = numbersOf(architecture);
  const rules = new Map<number, Rule[]>();
  let last: number | undefined;
  for (const written of seccomp.syscalls ?? []) {
    const verdict = verdictOf(written.action, written.errnoRet);
    for (const name of written.names) {
      const number = numbers.get(name);
      if (number !== undefined) last = Math.max(last ?? 0, number);
      if (verdict === otherwise) continue;
      const added = rulesFor(written, verdict);
      if (number !== undefined) add(rules, number, added);
      if (architecture === 'x86') addTogether(rules, name, added, numbers);
    }
  }
  const isPermissive = seccomp.defaultAction === 'SCMP_ACT_ALLOW' || otherwise === unknownCall;
  const isLogging = seccomp.defaultAction === 'SCMP_ACT_LOG';
  return { rules, otherwise, last: isPermissive || isLogging ? undefined : last };
}

/** A rule that always holds hides all that come with conditions. */
function add(rules: Map<number, Rule[]>, number: number, added: readonly Rule[]): void {
  const before = rules.get(number) ?? [];
  const always = [...before, ...added].find(({ conditions }) => conditions.length === 0);
  rules.set(number, always === undefined ? [...before, ...added] : [always]);
}

function rulesFor({ args = [] }: SeccompRule, verdict: Verdict): readonly Rule[] {
  const conditions = args.map(conditionOf);
  const different = new Set(conditions.map(({ argument }) => argument));
  if (different.size === conditions.length) return [{ verdict, conditions }];
  return conditions.map(one => ({ verdict, conditions: [one] }));
}

function conditionOf({ index, op, value, valueTwo = 0 }: SeccompArgument): Condition {
  return { argument: index, compare: op, value: BigInt(value), masked: BigInt(valueTwo) };
}

/** The same through `socketcall` and `ipc`, whose first argument says which call is meant. */
function addTogether(
  rules: Map<number, Rule[]>,
  name: string,
  added: readonly Rule[],
  numbers: ReadonlyMap<string, number>,
): void {
  const way = socketCalls.includes(name)
    ? { number: numbers.get('socketcall'), kind: socketCalls.indexOf(name) }
    : { number: numbers.get('ipc'), kind: ipcCalls.get(name) ?? 0 };
  if (way.number === undefined || way.kind <= 0) return;
  const meant: Condition = {
    argument: 0,
    compare: 'SCMP_CMP_EQ',
    value: BigInt(way.kind),
    masked: 0n,
  };
  const through = added.map(({ verdict, conditions }) => ({
    verdict,
    conditions: [meant, ...conditions.filter(({ argument }) => argument !== 0)],
  }));
  add(rules, way.number, through);
}
