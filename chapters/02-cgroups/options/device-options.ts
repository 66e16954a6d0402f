// The user's words for devices.
//
// - parseRate('/dev/sda:1mb'): so many bytes or operations a second on that disk
// - parseDevice('/dev/x:/dev/y:rwm'): a device file of the host, inside under this name
// - parseDeviceRule('c 1:3 rwm'): a rule as devices.allow has it
//
// A control group knows devices by number alone. The name is looked up once, here;
// another file with the same number is the same device to it.

import { ControlGroupError } from '../group/errors.ts';
import type { DeviceNumber, DeviceRate, DeviceRule } from '../limits/limits.ts';
import type { Device, Machine } from './machine.ts';

export interface DeviceMapping {
  readonly onHost: string;
  readonly inside: string;
  readonly rule: DeviceRule;
}

/** @throws OPTION */
export function parseRate(
  flag: string,
  text: string,
  machine: Machine,
  parse: (text: string) => number,
): DeviceRate {
  const colon = text.lastIndexOf(':');
  const path = text.slice(0, Math.max(colon, 0));
  const perSecond = rateOrNothing(text.slice(colon + 1), parse);
  if (!path.startsWith('/') || perSecond === undefined) {
    return wrong(flag, text, 'write DISK:RATE, as in /dev/sda:1mb (0 is no limit)');
  }
  const { type, major, minor } = existing(flag, text, path, machine);
  if (type !== 'b') return wrong(flag, text, `${path} is not a block device`);
  return { device: { major, minor }, perSecond: perSecond === 0 ? -1 : perSecond };
}

function rateOrNothing(
  text: string,
  parse: (text: string) => number,
): number | undefined {
  try {
    const rate = text === '' ? Number.NaN : parse(text);
    return Number.isSafeInteger(rate) && rate >= 0 ? rate : undefined;
  } catch {
    return undefined; // the caller says what is allowed, with the whole text
  }
}

/** @throws OPTION */
export function parseDevice(
  flag: string,
  text: string,
  machine: Machine,
): DeviceMapping {
  const parts = text.split(':');
  const last = parts.at(-1) ?? '';
  const access = parts.length > 1 && isAccess(last) ? last : undefined;
  const [onHost = '', inside = onHost, more] = access ? parts.slice(0, -1) : parts;
  if (!onHost.startsWith('/') || !inside.startsWith('/') || more !== undefined) {
    return wrong(flag, text, 'write /dev/HOST[:/dev/INSIDE][:rwm]');
  }
  const { type, major, minor } = existing(flag, text, onHost, machine);
  const rule = { allow: true, type, major, minor, access: access ?? 'rwm' };
  return { onHost, inside, rule };
}

/** @throws OPTION */
export function parseDeviceRule(flag: string, text: string): DeviceRule {
  const match = /^([abc]) (\d+|\*):(\d+|\*) ([rwm]{1,3})$/.exec(text.trim());
  const [, type, major, minor, access = ''] = match ?? [];
  if (type !== 'a' && type !== 'b' && type !== 'c') {
    return wrong(
      flag,
      text,
      'write TYPE MAJOR:MINOR ACCESS, as in "c 1:3 rwm" or "b 8:* r"',
    );
  }
  // The kernel reads no further than the "a": the rest would be promised, not kept.
  if (type === 'a' && !/^a \*:\* [rwm]{3}$/.test(text.trim())) {
    return wrong(flag, text, 'for all devices write "a *:* rwm"');
  }
  return { allow: true, type, major: numbered(major), minor: numbered(minor), access };
}

function numbered(text: string | undefined): number | undefined {
  return text === '*' || text === undefined ? undefined : Number(text);
}

function isAccess(text: string): boolean {
  return /^[rwm]{1,3}$/.test(text) && new Set(text).size === text.length;
}

function existing(
  flag: string,
  text: string,
  path: string,
  machine: Machine,
): Device & DeviceNumber {
  return (
    machine.deviceAt(path) ??
    wrong(flag, text, `there is no device ${path} on this machine`)
  );
}

function wrong(flag: string, text: string, allowed: string): never {
  throw new ControlGroupError('OPTION', `${flag} ${text} is refused: ${allowed}`);
}
