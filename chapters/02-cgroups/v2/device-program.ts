// Device rules as the program that version 2 asks: version 1's list, turned into eBPF.
//
// - deviceProgram(rules): the instructions, eight bytes each, for BPF_PROG_LOAD
// - explainDeviceProgram(rules): the same as lines that a person reads
//
// The kernel calls it for each access, and a 0 in r0 refuses. What it is given, in r1:
//
//   u32 access_type   low half: 1 block, 2 character; high half: 1 m, 2 r, 4 w
//   u32 major   u32 minor
//
// Later rules win, so the last one is asked first. Each letter that is asked for is
// settled by the first rule that knows it; what none knows is allowed, as in a new
// group of version 1. There are no loops, and each jump leads forward: the verifier
// wants that. Source: linux/bpf.h (struct bpf_cgroup_dev_ctx, BPF_DEVCG_*).

import { ControlGroupError } from '../group/errors.ts';
import type { DeviceRule } from '../limits/limits.ts';

/** The numbers of eBPF's operations: class, width and source in one byte. */
const op = {
  load32: 0x61,
  copy: 0xbf,
  set: 0xb7,
  and32: 0x54,
  shiftRight32: 0x74,
  jumpIfEqual32: 0x16,
  jumpIfNot32: 0x56,
  jumpIfSet32: 0x46,
  exit: 0x95,
} as const;

/** Registers: what the kernel says, and what is still to be settled. */
const [answer, given, type, asked, major, minor] = [0, 1, 2, 3, 4, 5];

const letters: Readonly<Record<string, number>> = { m: 1, r: 2, w: 4 };
const every = 7;

/** One instruction; a jump's distance is counted in instructions. */
interface Instruction {
  readonly code: number;
  readonly to: number;
  readonly from?: number;
  readonly offset?: number;
  readonly number?: number;
  /** A jump over the rest of the rule, or to one of the two ends. */
  readonly jump?: 'next' | 'yes' | 'no';
}

/** @throws OPTION for a number that no device has */
export function deviceProgram(rules: readonly DeviceRule[]): Uint8Array<ArrayBuffer> {
  const blocks = inForce(rules).map(rule => [...conditions(rule), ...verdict(rule)]);
  const body = blocks.flatMap(block =>
    block.map((one, at) => ({ ...one, ...(one.jump === 'next' && after(block, at)) })),
  );
  const yes = head.length + body.length;
  const no = yes + 2;
  // What nothing leads to is refused by the verifier of older kernels.
  const refuses = body.some(one => one.jump === 'no');
  const all = [...head, ...body, ...answered(1), ...(refuses ? answered(0) : [])];
  const ends = { yes, no };
  const bytes = new DataView(new ArrayBuffer(all.length * 8));
  for (const [at, one] of all.entries()) {
    const end = one.jump === 'yes' || one.jump === 'no' ? ends[one.jump] : undefined;
    write(bytes, at, end === undefined ? one : { ...one, offset: end - at - 1 });
  }
  return new Uint8Array(bytes.buffer);
}

export function explainDeviceProgram(rules: readonly DeviceRule[]): string[] {
  const lines = inForce(rules).map(rule => {
    const { type: kind, access, allow } = rule;
    const numbers = `${rule.major ?? '*'}:${rule.minor ?? '*'}`;
    const which = kind === 'a' ? 'any device' : `${kind} ${numbers}`;
    return `${which}, for ${kind === 'a' ? 'rwm' : access}: ${allow ? 'yes' : 'no'}`;
  });
  const settled = rules.some(({ type: kind }) => kind === 'a');
  return settled ? lines : [...lines, 'whatever else: yes'];
}

/** Last first; a rule for all devices leaves none before it anything to say. */
function inForce(rules: readonly DeviceRule[]): readonly DeviceRule[] {
  const all = rules.findLastIndex(({ type: kind }) => kind === 'a');
  return rules.slice(Math.max(all, 0)).toReversed();
}

const head: readonly Instruction[] = [
  { code: op.load32, to: type, from: given, offset: 0 },
  { code: op.copy, to: asked, from: type },
  { code: op.and32, to: type, number: 0xffff },
  { code: op.shiftRight32, to: asked, number: 16 },
  { code: op.load32, to: major, from: given, offset: 4 },
  { code: op.load32, to: minor, from: given, offset: 8 },
];

/** Whether the rule speaks of this device at all. */
function conditions(rule: DeviceRule): Instruction[] {
  if (rule.type === 'a') return [];
  const wanted: readonly (readonly [register: number, number: number | undefined])[] = [
    [type, rule.type === 'b' ? 1 : 2],
    [major, checked(rule.major, 'major', 0xfff)],
    [minor, checked(rule.minor, 'minor', 0xf_ffff)],
  ];
  return wanted.flatMap(([to, number]) =>
    number === undefined
      ? []
      : [{ code: op.jumpIfNot32, to, number, jump: 'next' as const }],
  );
}

/** Allowed letters are settled; one that is denied and was asked for settles all. */
function verdict({ type: kind, allow, access }: DeviceRule): Instruction[] {
  const mask = kind === 'a' ? every : maskOf(access);
  if (!allow) return [{ code: op.jumpIfSet32, to: asked, number: mask, jump: 'no' }];
  return [
    { code: op.and32, to: asked, number: every & ~mask },
    { code: op.jumpIfEqual32, to: asked, number: 0, jump: 'yes' },
  ];
}

function maskOf(access: string): number {
  return access.split('').reduce((mask, letter) => mask | (letters[letter] ?? 0), 0);
}

function answered(number: number): Instruction[] {
  return [
    { code: op.set, to: answer, number },
    { code: op.exit, to: 0 },
  ];
}

const after = (block: readonly Instruction[], at: number): { offset: number } => ({
  offset: block.length - at - 1,
});

function write(bytes: DataView, at: number, one: Instruction): void {
  const { code, to, from = 0, offset = 0, number = 0 } = one;
  bytes.setUint8(at * 8, code);
  bytes.setUint8(at * 8 + 1, to | (from << 4));
  bytes.setInt16(at * 8 + 2, offset, true);
  bytes.setInt32(at * 8 + 4, number, true);
}

/** The kernel has 12 bits for a major number and 20 for a minor one. */
function checked(
  number: number | undefined,
  what: string,
  most: number,
): number | undefined {
  if (number === undefined || (number >= 0 && number <= most)) return number;
  throw new ControlGroupError(
    'OPTION',
    `devices: no device has the ${what} number ${number}: 0 to ${most}`,
  );
}
