// The wire format of netlink: messages made of a header, a structure, and attributes.
//
// - `attribute.*`: one attribute, by the kind of its value; `encodeMessage`: a whole message
// - `decodeMessages`, `decodeAttributes`: what the kernel answers
//
//     nlmsghdr   u32 length   u16 type   u16 flags   u32 sequence   u32 port id     (16 bytes)
//     body       a structure that belongs to the type, padded to 4
//     nlattr     u16 length   u16 type   value, padded to 4    (a value may be attributes again)
//
// Numbers are in the machine's order, save where nfnetlink and addresses want the network's.
// Source: netlink(7), linux/netlink.h.

/** Message flags (`NLM_F_*`). */
export const flag = {
  request: 0x1,
  ack: 0x4,
  exclusive: 0x200,
  create: 0x400,
  replace: 0x100,
  /** NLM_F_ROOT | NLM_F_MATCH */
  dump: 0x300,
} as const;

/** Types that belong to no family. */
export const control = { noop: 1, error: 2, done: 3 } as const;

const headerBytes = 16;
const nested = 0x8000;
const typeMask = 0x3fff;

/** One attribute, encoded and padded. */
export type Attribute = Uint8Array;

function encodeAttribute(type: number, value: Uint8Array): Attribute {
  const length = 4 + value.length;
  const bytes = new Uint8Array(padded(length));
  const view = new DataView(bytes.buffer);
  view.setUint16(0, length, true);
  view.setUint16(2, type, true);
  bytes.set(value, 4);
  return bytes;
}

function numbered(
  size: 1 | 2 | 4 | 8,
  little: boolean,
): (type: number, value: number) => Attribute {
  return (type, value) => {
    const bytes = new Uint8Array(size);
    const view = new DataView(bytes.buffer);
    if (size === 8) view.setBigUint64(0, BigInt(value), little);
    else if (size === 4) view.setUint32(0, value, little);
    else if (size === 2) view.setUint16(0, value, little);
    else view.setUint8(0, value);
    return encodeAttribute(type, bytes);
  };
}

/** The constructors of attributes. Node runs on little-endian machines only. */
export const attribute = {
  bytes: encodeAttribute,
  u8: numbered(1, true),
  u16: numbered(2, true),
  u32: numbered(4, true),
  /** In the network's order. */
  u16be: numbered(2, false),
  u32be: numbered(4, false),
  /** Ends with a zero byte, as the kernel's strings do. */
  text: (type: number, value: string): Attribute =>
    encodeAttribute(type, new TextEncoder().encode(`${value}\0`)),
  nest: (type: number, inner: readonly Attribute[]): Attribute =>
    encodeAttribute(type | nested, concatenate(inner)),
} as const;

export interface NetlinkMessage {
  readonly type: number;
  /** `flag.request` and `flag.ack` are added by whoever sends it. */
  readonly flags?: number;
  /** The structure behind the header, such as an ifinfomsg. */
  readonly body: Uint8Array;
  readonly attributes?: readonly Attribute[];
  /** As a person reads it, for when the kernel refuses: `RTM_NEWLINK veth0`. */
  readonly shown: string;
}

/** The bytes of `message` with this sequence number. */
export function encodeMessage(
  { type, flags = 0, body, attributes = [] }: NetlinkMessage,
  sequence: number,
): Uint8Array {
  const parts = [new Uint8Array(headerBytes), padTo4(body), ...attributes];
  const bytes = concatenate(parts);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, bytes.length, true);
  view.setUint16(4, type, true);
  view.setUint16(6, flags, true);
  view.setUint32(8, sequence, true);
  return bytes;
}

export interface Answer {
  readonly type: number;
  readonly flags: number;
  readonly sequence: number;
  readonly body: Uint8Array;
}

/** The messages in what the kernel sent. */
export function decodeMessages(bytes: Uint8Array): readonly Answer[] {
  const answers: Answer[] = [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = 0; at + headerBytes <= bytes.length;) {
    const length = view.getUint32(at, true);
    if (length < headerBytes || at + length > bytes.length) break;
    answers.push({
      type: view.getUint16(at + 4, true),
      flags: view.getUint16(at + 6, true),
      sequence: view.getUint32(at + 8, true),
      body: bytes.subarray(at + headerBytes, at + length),
    });
    at += padded(length);
  }
  return answers;
}

/** The attributes in `bytes`, by type; of several with one type the last. */
export function decodeAttributes(bytes: Uint8Array): ReadonlyMap<number, Uint8Array> {
  return new Map(listAttributes(bytes));
}

/** The attributes in `bytes`, in order. */
export function listAttributes(bytes: Uint8Array): readonly (readonly [number, Uint8Array])[] {
  const found: (readonly [number, Uint8Array])[] = [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = 0; at + 4 <= bytes.length;) {
    const length = view.getUint16(at, true);
    if (length < 4 || at + length > bytes.length) break;
    found.push([view.getUint16(at + 2, true) & typeMask, bytes.subarray(at + 4, at + length)]);
    at += padded(length);
  }
  return found;
}

/** A string of the kernel's, without its zero byte. */
export function textOf(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return new TextDecoder().decode(end === -1 ? bytes : bytes.subarray(0, end));
}

/** A u32 in the machine's order. */
export function numberOf(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length).getUint32(0, true);
}

/** All of `parts` behind each other. */
export function concatenate(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

function padTo4(bytes: Uint8Array): Uint8Array {
  if (bytes.length % 4 === 0) return bytes;
  return concatenate([bytes, new Uint8Array(padded(bytes.length) - bytes.length)]);
}

function padded(length: number): number {
  return (length + 3) & ~3;
}
