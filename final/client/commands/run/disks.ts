// Limits at one disk, as options of `run`: `/dev/sda:10mb`.
//
// - `bytesAt`, `timesAt`, `weightAt`   readers; @throws Error in docker's words

import { size } from './values.ts';

interface At {
  readonly path: string;
  readonly value: string;
}

const form = 'The correct format is <device-path>:<number>';
const positive = 'Number must be a positive integer';

export function bytesAt(text: string): object {
  const { path, value } = split(text);
  const unit = 'Unit is optional and can be kb, mb, or gb';
  const why = `invalid rate for device: ${text}. ${form}[<unit>]. ${positive}`;
  return { Path: path, Rate: judged(() => size(value), `${why}. ${unit}`) };
}

export function timesAt(text: string): object {
  const { path, value } = split(text);
  const why = `invalid rate for device: ${text}. ${form}. ${positive}`;
  return { Path: path, Rate: judged(() => count(value), why) };
}

export function weightAt(text: string): object {
  const { path, value } = split(text);
  const why = `invalid weight for device: ${text}`;
  const Weight = judged(() => count(value), why);
  if (Weight !== 0 && (Weight < 10 || Weight > 1000)) throw new Error(why);
  return { Path: path, Weight };
}

function split(text: string): At {
  const [path = '', ...rest] = text.split(':');
  const value = rest.join(':');
  if (value === '') throw new Error(`bad format: ${text}`);
  if (!path.startsWith('/dev/')) throw new Error(`bad format for device path: ${text}`);
  return { path, value };
}

function count(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new Error('no number');
}

function judged(read: () => number, why: string): number {
  try {
    const value = read();
    if (value >= 0) return value;
  } catch (cause) {
    throw new Error(why, { cause });
  }
  throw new Error(why);
}
