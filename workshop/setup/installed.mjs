/**
 * Whether node_modules holds what package-lock.json asks for.
 *
 * - differsFromLock(wanted, present)  the first package that is missing or another version
 * - staleModules(root)                the same, read from the files; a reason or undefined
 *
 * npm itself writes what it installed into node_modules/.package-lock.json, so the two are compared
 * package by package: an `npm install` of one's own counts too, and a broken one is seen.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** @typedef {Record<string, { version?: string, optional?: boolean }>} Entries */

/**
 * An optional package may be absent: npm leaves out what is made for other machines. Its parent's
 * version, which is compared, changes together with it.
 *
 * @param {Entries} wanted
 * @param {Entries} present
 * @returns {string | undefined}
 */
export function differsFromLock(wanted, present) {
  for (const [place, entry] of Object.entries(wanted)) {
    if (!place.includes('node_modules/')) continue;
    const found = present[place];
    if (found === undefined && entry.optional !== true) return `${place} is missing`;
    if (found !== undefined && found.version !== entry.version) {
      return `${place} is ${found.version}, not ${entry.version}`;
    }
  }
  return undefined;
}

/**
 * @param {string} root
 * @returns {string | undefined}
 */
export function staleModules(root) {
  const present = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(present)) return 'node_modules is missing';
  if (!existsSync(join(root, 'node_modules', '.bin', 'node'))) return 'Node 24 is missing';
  return differsFromLock(
    JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages,
    JSON.parse(readFileSync(present, 'utf8')).packages,
  );
}
