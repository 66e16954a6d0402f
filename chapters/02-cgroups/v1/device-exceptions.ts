// What the device list of version 1 cannot say, though its file takes it in silence.
//
// - refuseUnkept(rules): throws for a rule that the kernel would accept and not keep
//
// The kernel keeps one default (all or nothing: the rule "a") and a list of exceptions
// from it. A rule against the default is a new exception. A rule with the default takes
// exceptions back, but only those with the very same numbers: after `a` was denied and
// `c 1:*` allowed, denying `c 1:5` changes nothing, and no error says so.
// Source: security/device_cgroup.c, dev_exception_rm().

import { ControlGroupError } from '../group/errors.ts';
import type { DeviceRule } from '../limits/limits.ts';

/** @throws UNSUPPORTED */
export function refuseUnkept(rules: readonly DeviceRule[]): void {
  let allowed = true; // of a new group
  let exceptions: DeviceRule[] = [];
  for (const rule of rules) {
    if (rule.type === 'a') [allowed, exceptions] = [rule.allow, []];
    else if (rule.allow !== allowed) exceptions.push(rule);
    else refuseIfUnkept(rule, exceptions);
  }
}

function refuseIfUnkept(rule: DeviceRule, exceptions: readonly DeviceRule[]): void {
  const wider = exceptions.find(one => overlap(one, rule) && !isSame(one, rule));
  if (wider === undefined) return;
  const [word, before] = rule.allow ? ['allow', 'denied'] : ['deny', 'allowed'];
  throw new ControlGroupError(
    'UNSUPPORTED',
    `devices: ${word} ${shown(rule)} after ${shown(wider)} was ${before}: version 1 ` +
      `takes back the same numbers only: name the ${before} ones one by one`,
  );
}

function overlap(a: DeviceRule, b: DeviceRule): boolean {
  const meet = (x: number | undefined, y: number | undefined): boolean =>
    x === undefined || y === undefined || x === y;
  const letters = a.access.split('').some(letter => b.access.includes(letter));
  return (
    a.type === b.type && meet(a.major, b.major) && meet(a.minor, b.minor) && letters
  );
}

function isSame(a: DeviceRule, b: DeviceRule): boolean {
  return a.major === b.major && a.minor === b.minor;
}

function shown({ type, major, minor, access }: DeviceRule): string {
  return `${type} ${major ?? '*'}:${minor ?? '*'} ${access}`;
}
