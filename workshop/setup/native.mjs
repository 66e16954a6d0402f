/**
 * Whether the addon and slipway-init are older than their sources, and building them.
 *
 * - sourceDigest(folder)  one SHA-256 over every source that the build reads, names included
 * - staleNative(root)     why a build is due, or undefined
 * - stampNative(root)     writes down what was built: native/dist/.sources
 *
 * The contents decide, not the clock: a checkout of another commit changes times at will.
 */
import { createHash } from 'node:crypto';
import {
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

const built = ['slipway.node', 'slipway-init'];
const leaveOut = new Set(['target', 'dist', 'node_modules']);
const isSource = /(\.rs|\.ld|^Cargo\.toml|^Cargo\.lock|^config\.toml|^build\.ts)$/;

/**
 * @param {string} folder
 * @param {string} [prefix]
 * @returns {string[]}
 */
function sources(folder, prefix = '') {
  return readdirSync(join(folder, prefix), { withFileTypes: true })
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap(entry => {
      const name = join(prefix, entry.name);
      if (entry.isDirectory()) return leaveOut.has(entry.name) ? [] : sources(folder, name);
      return isSource.test(entry.name) ? [name] : [];
    });
}

/**
 * @param {string} folder
 * @returns {string}
 */
export function sourceDigest(folder) {
  const hash = createHash('sha256').update(process.arch);
  for (const name of sources(folder)) {
    const bytes = readFileSync(join(folder, name));
    hash.update(`\0${name}\0${bytes.length}\0`).update(bytes);
  }
  return hash.digest('hex');
}

/**
 * @param {string} root
 * @returns {string | undefined}
 */
export function staleNative(root) {
  const dist = join(root, 'native', 'dist');
  const absent = built.find(name => !existsSync(join(dist, name)));
  if (absent !== undefined) return `native/dist/${absent} is missing`;
  const stamp = join(dist, '.sources');
  const before = existsSync(stamp) ? readFileSync(stamp, 'utf8') : '';
  return before === sourceDigest(join(root, 'native')) ? undefined : 'its sources have changed';
}

/** @param {string} root */
export function stampNative(root) {
  const dist = join(root, 'native', 'dist');
  mkdirSync(dist, { recursive: true });
  const stamp = join(dist, '.sources');
  writeFileSync(stamp, sourceDigest(join(root, 'native')));
  // Under sudo too the next one to write it is who owns the folder.
  const { uid, gid } = statSync(dist);
  chownSync(stamp, uid, gid);
}
