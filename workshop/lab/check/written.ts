/**
 * A temporary folder with a few files in it: what a test reads as if it were a chapter.
 *
 * - written(files)   path → text; `folder` is where they are, disposing removes them
 *
 * Nothing of it goes to the ledger: it is plain files in the folder for temporary things.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

export interface Written extends Disposable {
  readonly folder: string;
}

export function written(files: Readonly<Record<string, string>>): Written {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-written-'));
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), text);
  }
  return { folder, [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) };
}
