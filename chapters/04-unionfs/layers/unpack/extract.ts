// An archive that is no layer becomes files in a folder that is there already: `cp`.
//
// - `extractArchive(source, root, options?)`: beneath the descriptor `root`
//
// What has a name already gives way, and the folder itself stays as it was. Paths are
// resolved beneath `root` and through no link, and an archive that has grown far beyond
// what was read of it is refused.
// Sources: tar(5), openat2(2).

import type { ByteName } from '@slipway/native';
import type { TarEntry } from '../../tar/entry.ts';
import type { TarSink } from '../../tar/reader.ts';
import type { LayerSource } from './decompress.ts';
import { feed } from './feed.ts';
import { layerPath } from './layer-path.ts';
import { Budget } from '../limits.ts';
import { refusalOf } from '../refused.ts';
import { LayerUnpacker } from './unpacker.ts';
import { inUserNamespace } from './user-namespace.ts';

export interface ExtractOptions {
  /** Whose everything is to be; default: what the archive says. */
  readonly owner?: { readonly uid: number; readonly gid: number };
  /** Is asked before an entry is made, and throws if it must not be. */
  readonly check?: (path: ByteName, entry: TarEntry) => void;
  /** What each is to be called instead. */
  readonly nameOf?: (name: ByteName) => ByteName;
}

/** @throws LayerRefused naming the entry; what came before it is there */
export async function extractArchive(
  source: LayerSource,
  root: number,
  { owner, check, nameOf }: ExtractOptions = {},
): Promise<void> {
  const budget = new Budget();
  const userNamespace = inUserNamespace();
  const unpacker = new LayerUnpacker(root, {
    whiteouts: 'none',
    userNamespace,
    budget,
  });
  const sink: TarSink = {
    entry: found => {
      const entry = nameOf === undefined ? found : renamed(found, nameOf);
      const path = layerPath(entry.name);
      // The folder was there before: what it is called like is not what it is.
      if (path === '' && entry.kind === 'folder') return;
      check?.(path, entry);
      unpacker.entry(owner === undefined ? entry : { ...entry, ...owner });
    },
    content: (bytes, position) => unpacker.content(bytes, position),
    end: () => unpacker.end(),
  };
  try {
    await feed(source, sink, { budget, unpacker });
    unpacker.finish();
  } catch (error) {
    throw refusalOf(error, unpacker.current);
  } finally {
    unpacker.discard();
  }
}

function renamed(entry: TarEntry, nameOf: (name: ByteName) => ByteName): TarEntry {
  const name = nameOf(entry.name);
  // Only a hard link's target is a name of this archive.
  if (entry.kind !== 'hardLink') return { ...entry, name };
  return { ...entry, name, target: nameOf(entry.target) };
}
