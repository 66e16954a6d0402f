// Whether this process is root of the machine, or of a user namespace only.
//
// - `inUserNamespace()`: from the map of the ids that it can see
//
// The first namespace maps everything onto itself. Source: user_namespaces(7).

import { readFileSync } from 'node:fs';

export function inUserNamespace(
  map: string = readFileSync('/proc/self/uid_map', 'utf8'),
): boolean {
  return !/^\s*0\s+0\s+4294967295\s*$/.test(map);
}
