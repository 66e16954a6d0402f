/**
 * Under sudo the checkout stays its owner's: who later works without sudo must be able to write.
 *
 * - owner()      who is behind sudo, when the checkout is theirs: { uid, gid, HOME }
 * - asOwner()    what spawn needs to run npm and Cargo as that user, with their toolchains
 * - giveBack()   hands over what was made as root beneath the checkout
 *
 * Everybody else, root on a machine of their own above all, is who they are.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** @typedef {{ uid: number, gid: number, HOME: string }} Owner */

/**
 * @param {string} root
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {Owner | undefined}
 */
export function owner(root, env = process.env) {
  const { uid, gid } = statSync(root);
  if (process.getuid?.() !== 0 || uid === 0 || env.SUDO_UID !== String(uid)) return undefined;
  const passwd = readFileSync('/etc/passwd', 'utf8').split('\n');
  const HOME = passwd.map(line => line.split(':')).find(fields => fields[2] === String(uid))?.[5];
  return HOME === undefined ? undefined : { uid, gid, HOME };
}

/**
 * @param {string} root
 * @param {NodeJS.ProcessEnv} env
 * @returns {{ env: NodeJS.ProcessEnv, uid?: number, gid?: number }}
 */
export function asOwner(root, env) {
  const found = owner(root);
  if (found === undefined) return { env };
  const { uid, gid, HOME } = found;
  const path = `${join(HOME, '.cargo', 'bin')}:${env.PATH ?? ''}`;
  return { env: { ...env, HOME, PATH: path }, uid, gid };
}

const written = [
  ...['.vite', '.vite-temp', '.vitest-cache'].map(name => join('node_modules', name)),
  '.cache',
];

/** @param {string} root */
export function giveBack(root) {
  const found = owner(root);
  const paths = written.map(name => join(root, name)).filter(path => existsSync(path));
  if (found === undefined || paths.length === 0) return;
  spawnSync('chown', ['-Rh', '--from=0', `${found.uid}:${found.gid}`, ...paths]);
}
