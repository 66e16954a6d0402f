// Numbers in a tar header: octal digits, or base 256 where those do not suffice.
//
// - `readNumber(block, start, length)`, `writeNumber(…)`
// - `readDecimal(text)`: a count in a pax record
// - `readTime(text)`, `timeText(time)`: seconds with a fraction, kept to the nanosecond
//
// Sources: tar(5), "Numeric Values"; pax(1p).

import type { Time } from '@slipway/native';
import { TarRefused } from './entry.ts';

/** @throws TarRefused for digits that are none, and for what no file can have */
export function readNumber(block: Buffer, start: number, length: number): number {
  const first = block[start] ?? 0;
  if ((first & 0x80) !== 0) return readBase256(block, start, length);
  const quick = readDigits(block, start, start + length);
  if (quick !== undefined) return quick;
  const text = block.toString('latin1', start, start + length);
  const digits = /^[ \0]*([0-7]*)(?:[ \0].*)?$/s.exec(text);
  if (digits === null) throw new TarRefused(`${JSON.stringify(text)} is no number`);
  return digits[1] ? Number.parseInt(digits[1], 8) : 0;
}

/** Digits to the end or to a NUL: as nearly everybody writes them. */
function readDigits(block: Buffer, start: number, end: number): number | undefined {
  let value = 0;
  for (let at = start; at < end; at += 1) {
    const byte = block[at] ?? 0;
    if (byte === 0 && at > start) return value;
    if (byte < 0x30 || byte > 0x37) return undefined;
    value = value * 8 + byte - 0x30;
  }
  return value;
}

/** The first bit says base 256, the second the sign. */
function readBase256(block: Buffer, start: number, length: number): number {
  const negative = ((block[start] ?? 0) & 0x40) !== 0;
  let value = BigInt((block[start] ?? 0) & 0x7f);
  if (negative) value -= 0x80n;
  for (let at = start + 1; at < start + length; at += 1) {
    value = (value << 8n) | BigInt(block[at] ?? 0);
  }
  const number = Number(value);
  if (Number.isSafeInteger(number)) return number;
  throw new TarRefused(`the number ${value} is too large`);
}

/** Octal digits and a NUL. The caller knows that it fits. */
export function writeNumber(
  block: Buffer,
  value: number,
  start: number,
  length: number,
): void {
  block.write(value.toString(8).padStart(length - 1, '0'), start, 'latin1');
}

/** Whether `length - 1` octal digits hold it. */
export function fitsOctal(value: number, length: number): boolean {
  return value >= 0 && value < 8 ** (length - 1);
}

/** @throws TarRefused */
export function readDecimal(text: string, what: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(value)) return value;
  throw new TarRefused(`${what}=${JSON.stringify(text)} is no count`);
}

/** `-1.5` is half a second before the second -1. @throws TarRefused */
export function readTime(text: string): Time {
  const parts = /^(-?)(\d{1,15})(?:\.(\d*))?$/.exec(text);
  if (parts === null) throw new TarRefused(`${JSON.stringify(text)} is no time`);
  const [, sign, whole = '0', fraction = ''] = parts;
  const seconds = Number(whole);
  const nanoseconds = Number(fraction.slice(0, 9).padEnd(9, '0'));
  if (sign !== '-') return { seconds, nanoseconds };
  if (nanoseconds === 0) return { seconds: seconds === 0 ? 0 : -seconds, nanoseconds };
  return { seconds: -seconds - 1, nanoseconds: 1e9 - nanoseconds };
}

/** The shortest text that `readTime` understands as this time. */
export function timeText({ seconds, nanoseconds }: Time): string {
  if (nanoseconds === 0) return String(seconds);
  const negative = seconds < 0;
  const whole = negative ? -(seconds + 1) : seconds;
  const part = negative ? 1e9 - nanoseconds : nanoseconds;
  const fraction = String(part).padStart(9, '0').replace(/0+$/, '');
  return `${negative ? '-' : ''}${whole}.${fraction}`;
}
