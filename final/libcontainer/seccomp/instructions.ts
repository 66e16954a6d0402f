// Instructions of classic BPF, as far as a filter of system calls needs them.
//
// - `load`, `always`, `jump`, `where`, `over`: the makers; offsets count from the next instruction
// - `encode(program)`: struct sock_filter, eight bytes each
//
// What a filter can look at (struct seccomp_data):
//
//   0 nr    4 arch    8 instruction pointer    16 + 8 n argument n, its lower half first
//
// Source: linux/filter.h, linux/bpf_common.h.

export interface Instruction {
  readonly code: number;
  readonly whenTrue: number;
  readonly whenFalse: number;
  readonly constant: number;
}

/** linux/bpf_common.h */
const codes = {
  /** BPF_LD | BPF_W | BPF_ABS */
  load: 0x20,
  /** BPF_ALU | BPF_AND | BPF_K */
  and: 0x54,
  /** BPF_RET | BPF_K */
  always: 0x06,
  /** BPF_JMP | BPF_JA */
  jump: 0x05,
  /** BPF_JMP | BPF_JEQ | BPF_K */
  equal: 0x15,
  /** BPF_JMP | BPF_JGT | BPF_K */
  greater: 0x25,
  /** BPF_JMP | BPF_JGE | BPF_K */
  atLeast: 0x35,
} as const;

export type Comparison = 'equal' | 'greater' | 'atLeast';

/** A conditional jump reaches no further. */
const furthest = 255;

export type Place =
  | 'number'
  | 'arch'
  | { readonly argument: number; readonly half: 'low' | 'high' };

export function load(place: Place): Instruction {
  return plain(codes.load, offsetOf(place));
}

function offsetOf(place: Place): number {
  if (place === 'number') return 0;
  if (place === 'arch') return 4;
  return 16 + 8 * place.argument + (place.half === 'high' ? 4 : 0);
}

export function always(verdict: number): Instruction {
  return plain(codes.always, verdict);
}

export function and(mask: number): Instruction {
  return plain(codes.and, mask);
}

export function jump(distance: number): Instruction {
  return plain(codes.jump, distance);
}

/** Compares what was loaded, without a sign. */
export function where(
  comparison: Comparison,
  constant: number,
  whenTrue: number,
  whenFalse: number,
): Instruction {
  return { code: codes[comparison], whenTrue, whenFalse, constant };
}

/** Jumps over `distance` instructions, however many, if the number is at least `start`. */
export function over(start: number, distance: number): readonly Instruction[] {
  if (distance <= furthest) return [where('atLeast', start, distance, 0)];
  return [where('atLeast', start, 0, 1), jump(distance)];
}

function plain(code: number, constant: number): Instruction {
  return { code, whenTrue: 0, whenFalse: 0, constant };
}

export function encode(program: readonly Instruction[]): Uint8Array {
  const bytes = Buffer.alloc(program.length * 8);
  for (const [index, { code, whenTrue, whenFalse, constant }] of program.entries()) {
    bytes.writeUInt16LE(code, index * 8);
    bytes.writeUInt8(whenTrue, index * 8 + 2);
    bytes.writeUInt8(whenFalse, index * 8 + 3);
    bytes.writeUInt32LE(constant, index * 8 + 4);
  }
  return bytes;
}
