/**
 * A small tree with a planted fault: what the test of a check points the check at.
 *
 * - planted(files)   a temporary folder with these files (path -> text), removed when disposed of
 * - ours             the names of our configuration files, linked in beside node_modules
 */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { root } from '../setup/tools.mjs';

export interface Planted extends Disposable {
  readonly root: string;
}

const ours = ['node_modules', 'tsconfig.json', '.oxlintrc.json', '.oxfmtrc.json'];

/** So that a file counts as a module, as in our own packages. */
const manifest = { 'package.json': '{ "name": "planted", "type": "module" }' };

export function planted(files: Readonly<Record<string, string>>): Planted {
  const tree = mkdtempSync(join(tmpdir(), 'slipway-planted-'));
  for (const name of ours) symlinkSync(join(root, name), join(tree, name));
  for (const [file, text] of Object.entries({ ...manifest, ...files })) {
    mkdirSync(dirname(join(tree, file)), { recursive: true });
    writeFileSync(join(tree, file), text);
  }
  return { root: tree, [Symbol.dispose]: () => rmSync(tree, { recursive: true }) };
}
