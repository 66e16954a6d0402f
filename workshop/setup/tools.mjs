/**
 * Where the tools are: the search path as set-up and the tests use it.
 *
 * - root               the folder of the checkout
 * - findTool(name)     the file that this name starts, or undefined
 * - outsidePath()      the path without node_modules/.bin: npm must run with the system's own Node,
 *                      because `npm ci` deletes the Node 24 that lies there
 * - insidePath()       the path with node_modules/.bin first: there `node` is Node 24
 * - cleanEnvironment() the environment without what an outer `npm test` has set for one package
 *
 * Plain Node >= 20 and no dependencies: this runs before anything is installed.
 */
import { accessSync, constants } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

const binFolder = join(root, 'node_modules', '.bin');

/** @returns {string[]} */
function searchPath() {
  const given = (process.env.PATH ?? '').split(delimiter).filter(part => part !== '');
  // A user's login path often lacks the folders of the system's tools, and a shell that was open
  // while Rust was installed lacks Cargo's.
  const often = ['/usr/local/sbin', '/usr/sbin', '/sbin', join(homedir(), '.cargo', 'bin')];
  return [...given, ...often.filter(part => !given.includes(part))];
}

/** @returns {string} */
export function outsidePath() {
  const outside = searchPath().filter(part => !part.endsWith(join('node_modules', '.bin')));
  return outside.filter(part => !part.includes('node-gyp-bin')).join(delimiter);
}

/** @returns {string} */
export function insidePath() {
  return [binFolder, outsidePath()].join(delimiter);
}

/**
 * @param {string} name
 * @param {string} [path]
 * @returns {string | undefined}
 */
export function findTool(name, path = outsidePath()) {
  for (const folder of path.split(delimiter)) {
    const file = join(folder, name);
    try {
      accessSync(file, constants.X_OK);
      return file;
    } catch {
      // Not in this folder: the next may have it.
    }
  }
  return undefined;
}

/**
 * @param {string} path
 * @returns {NodeJS.ProcessEnv}
 */
export function cleanEnvironment(path) {
  const settings = 'local_prefix|prefix|workspaces?|global|cache|userconfig|globalconfig';
  const ofOnePackage = new RegExp(
    `^(npm_(package|lifecycle|command|config_(${settings})))|^INIT_CWD$`,
  );
  const kept = Object.entries(process.env).filter(([name]) => !ofOnePackage.test(name));
  return { ...Object.fromEntries(kept), PATH: path };
}
