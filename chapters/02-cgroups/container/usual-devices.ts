// The devices that every container may open, when there are device rules at all.
//
// - `withUsualDevices(limits)`: nothing, then the harmless ones, then the wanted ones
//
// A new group may open all that the one above may: a rule that only allows changes
// nothing. So all is denied first. The list is Docker's: making any node is harmless
// as long as it cannot be opened.

import type { DeviceRule, Limits } from '../limits/limits.ts';

const none: DeviceRule = { allow: false, type: 'a', access: 'rwm' };

const harmless: readonly DeviceRule[] = [
  { allow: true, type: 'c', access: 'm' },
  { allow: true, type: 'b', access: 'm' },
  character(1, 3), // null
  character(1, 5), // zero
  character(1, 7), // full
  character(1, 8), // random
  character(1, 9), // urandom
  character(5, 0), // tty
  character(5, 1), // console
  character(5, 2), // ptmx
  character(136), // pts/*
];

export function withUsualDevices(limits: Limits): Limits {
  if (limits.devices === undefined) return limits;
  return { ...limits, devices: [none, ...harmless, ...limits.devices] };
}

function character(major: number, minor?: number): DeviceRule {
  return { allow: true, type: 'c', major, minor, access: 'rwm' };
}
