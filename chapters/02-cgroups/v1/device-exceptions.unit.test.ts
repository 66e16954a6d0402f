// Rules that version 1 would take and not keep.

import { expect, test } from 'vitest';
import { parseDeviceRule } from '../options/device-options.ts';
import { refuseUnkept } from './device-exceptions.ts';

/** "+c 1:5 r" allows, "-a *:* rwm" denies. */
function refusal(...words: readonly string[]): string {
  const rules = words.map(word => ({
    ...parseDeviceRule('rule', word.slice(1)),
    allow: word.startsWith('+'),
  }));
  try {
    refuseUnkept(rules);
    return 'kept';
  } catch (error) {
    return String(error);
  }
}

test('a hole in a wider exception is refused', () => {
  expect(refusal('-a *:* rwm', '+c 1:* rwm', '-c 1:5 r')).toMatchInlineSnapshot(
    `"ControlGroupError: devices: deny c 1:5 r after c 1:* rwm was allowed: version 1 takes back the same numbers only: name the allowed ones one by one"`,
  );
  expect(refusal('-c *:* w', '+c 1:3 w')).toContain('allow c 1:3 w after c *:* w');
});

test.each([
  [['-a *:* rwm', '+c 1:5 rw', '-c 1:5 w']],
  [['-a *:* rwm', '+c *:* m', '+c 1:5 rw', '-c 1:3 r']],
  [['-c 1:5 r', '-c 1:3 rwm', '+b 1:5 r']],
  [['-a *:* rwm', '+c 1:* rwm', '-a *:* rwm', '+c 1:5 r']],
])('%j is kept as it is meant', rules => {
  expect(refusal(...rules)).toBe('kept');
});
