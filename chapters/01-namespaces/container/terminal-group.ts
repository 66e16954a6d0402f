// Whose group a container's pseudo-terminals are.
//
// - `terminalGroup(namespaces)`: the option of devpts that says so, or nothing
//
// Group 5 is `tty`, by custom. The kernel refuses a number that the user namespace does
// not know, be it the container's own one or that in which all of this is run.
// Sources: devpts.rst, user_namespaces(7).

import { readFileSync } from 'node:fs';
import type { Namespace } from '@slipway/native';

const tty = 5;

export function terminalGroup(
  namespaces: readonly Namespace[],
  map: string = readFileSync('/proc/self/gid_map', 'utf8'),
): string {
  if (namespaces.includes('user')) return '';
  const isKnown = map
    .trim()
    .split('\n')
    .map(line => line.trim().split(/\s+/).map(Number))
    .some(([first = 0, , count = 0]) => first <= tty && tty < first + count);
  return isKnown ? `,gid=${tty}` : '';
}
