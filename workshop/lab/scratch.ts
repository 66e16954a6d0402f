/**
 * Temporary folders that cannot be forgotten.
 *
 * - scratchFolder()    a new, empty folder; in the ledger until it is disposed of
 *
 * The name is `slipway-<pid>-<random>`, so anyone can tell whose it is. Disposing unmounts what is
 * mounted below it, and then removes it with all that is in it.
 */
import { randomBytes } from 'node:crypto';
import { mkdirSync, realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { record, settle } from './ledger/journal.ts';
import { undo } from './ledger/undo.ts';

export interface ScratchFolder extends AsyncDisposable {
  readonly path: string;
}

export function scratchFolder(parent = tmpdir()): ScratchFolder {
  const name = `slipway-${process.pid}-${randomBytes(4).toString('hex')}`;
  const path = join(realpathSync(parent), name);
  const thing = { kind: 'directory', target: path } as const;
  const id = record(thing);
  // Others may enter it, for an experiment can run as another user; only its owner can write.
  mkdirSync(path, { mode: 0o755 });
  return {
    path,
    async [Symbol.asyncDispose]() {
      await undo(thing);
      settle(id);
    },
  };
}
