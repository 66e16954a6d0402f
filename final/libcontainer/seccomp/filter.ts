// A filter as the kernel runs it: classic BPF over the number, the processor and the arguments.
//
// - `compileSeccomp(seccomp, machine)`: its instructions, eight bytes each
//
// The kernel runs the filter before every system call, so what counts is how many instructions lie
// between the first one and an answer. Each table is cut into spans of numbers with the same
// answer, and these are searched by halves: about eight comparisons, where a list would take
// hundreds.
//
//   ld arch ── jeq x86_64 ──► ld nr ── jge ── jge ── … ──► ret ALLOW
//           └─ jeq x86    ──► ld nr ── …              └──► ld args … ret ERRNO
//           └─ ret KILL
//
// Sources: seccomp(2), Documentation/userspace-api/seccomp_filter.rst, linux/filter.h.

import { invalid } from '../../engine/refusal.ts';
import type { Seccomp } from '../spec/seccomp.ts';
import { x32Bit, type Architecture } from './numbers.ts';
import { conditionCode } from './conditions.ts';
import { always, encode, jump, load, over, where, type Instruction } from './instructions.ts';
import { tableOf, unknownCall, type Rule, type Table, type Verdict } from './verdict.ts';

/** `AUDIT_ARCH_*`; x32 is x86_64 with a bit in the number. */
const machines = {
  x86_64: 0xc000_003e,
  x86: 0x4000_0003,
  aarch64: 0xc000_00b7,
  arm: 0x4000_0028,
} as const;

type Machine = keyof typeof machines;

const names: Readonly<Record<string, Architecture>> = {
  SCMP_ARCH_X86_64: 'x86_64',
  SCMP_ARCH_X86: 'x86',
  SCMP_ARCH_X32: 'x32',
  SCMP_ARCH_AARCH64: 'aarch64',
  SCMP_ARCH_ARM: 'arm',
};

/** The kernel's BPF_MAXINSNS. */
const mostInstructions = 4096;

/** Calls by programs of a processor that the profile does not name. */
const kill: Verdict = 0;

/** @throws Refusal INVALID if it is longer than the kernel takes */
export function compileSeccomp(
  seccomp: Seccomp,
  machine: Architecture = process.arch === 'arm64' ? 'aarch64' : 'x86_64',
): Uint8Array {
  const asked = (seccomp.architectures ?? []).flatMap(name => names[name] ?? []);
  const architectures = new Set<Architecture>([machine, ...asked]);
  const sections = (Object.keys(machines) as Machine[])
    .filter(one => architectures.has(one))
    .map(one => sectionFor(seccomp, one, architectures.has('x32')));
  const program = [load('arch'), ...sections.flat(), always(kill)];
  if (program.length <= mostInstructions) return encode(program);
  throw invalid(`the seccomp profile makes a filter of ${program.length} instructions: too many`);
}

function sectionFor(seccomp: Seccomp, machine: Machine, hasX32: boolean): Instruction[] {
  const table = tableOf(seccomp, machine);
  const spans = spansOf(table, 0);
  if (machine === 'x86_64') {
    const high = hasX32 ? spansOf(tableOf(seccomp, 'x32'), x32Bit) : [strangers(table)];
    spans.push(...high);
  }
  const isNarrow = machine === 'x86' || machine === 'arm';
  const section = [load('number'), ...search(merged(spans), isNarrow)];
  return [where('equal', machines[machine], 1, 0), jump(section.length), ...section];
}

/** From `start` to the next span's start all calls have these rules, and else `otherwise`. */
interface Span {
  readonly start: number;
  readonly rules: readonly Rule[];
  readonly otherwise: Verdict;
}

/** Without x32 its calls are a stranger's, unless they count as unknown ones anyway. */
function strangers({ last }: Table): Span {
  return { start: x32Bit, rules: [], otherwise: last === undefined ? kill : unknownCall };
}

function spansOf({ rules, otherwise, last }: Table, start: number): Span[] {
  const rest: Span = { start, rules: [], otherwise };
  const spans = [...rules].flatMap(([number, own]): Span[] => [
    { start: number, rules: own, otherwise },
    ...(rules.has(number + 1) ? [] : [{ ...rest, start: number + 1 }]),
  ]);
  const sorted = [rest, ...spans].toSorted((a, b) => a.start - b.start);
  if (last === undefined) return sorted;
  const known = sorted.filter(span => span.start <= last);
  return [...known, { start: last + 1, rules: [], otherwise: unknownCall }];
}

/** Neighbours with the same answer become one; of two with one start the second counts. */
function merged(spans: readonly Span[]): readonly Span[] {
  const result: Span[] = [];
  for (const span of spans) {
    if (result.at(-1)?.start === span.start) result.pop();
    const before = result.at(-1);
    const [one, other] = [before && constantOf(before), constantOf(span)];
    if (one === undefined || one !== other) result.push(span);
  }
  return result;
}

/** What it answers whatever the arguments are; undefined if they matter. */
function constantOf({ rules, otherwise }: Span): Verdict | undefined {
  const [first] = rules;
  if (first === undefined) return otherwise;
  return first.conditions.length === 0 ? first.verdict : undefined;
}

/** The number of the call is in the accumulator. */
function search(spans: readonly Span[], isNarrow: boolean): Instruction[] {
  const [first] = spans;
  if (first === undefined) return [always(kill)];
  if (spans.length === 1) return answer(first, isNarrow);
  const half = Math.ceil(spans.length / 2);
  const left = search(spans.slice(0, half), isNarrow);
  const right = search(spans.slice(half), isNarrow);
  return [...over(spans[half]?.start ?? 0, left.length), ...left, ...right];
}

function answer(span: Span, isNarrow: boolean): Instruction[] {
  const constant = constantOf(span);
  if (constant !== undefined) return [always(constant)];
  return [...span.rules.flatMap(rule => ruleOf(rule, isNarrow)), always(span.otherwise)];
}

/** Answers if all conditions hold, and else goes on behind itself. */
function ruleOf({ verdict, conditions }: Rule, isNarrow: boolean): Instruction[] {
  const code: Instruction[] = [always(verdict)];
  for (const condition of conditions.toReversed()) {
    const test = conditionCode(condition, isNarrow, code.length);
    code.unshift(...test);
  }
  return code;
}
