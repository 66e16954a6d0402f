// The image that every machine can make for itself: `busybox:latest`.
//
// - `ensureDefaultImage(graph, log)`: when the daemon starts for the first time
// - `defaultImage(graph)`: made (again) from this machine's static busybox
// - `isDefaultImage(reference)`
//
// The same busybox makes the same image, to the id. Whoever loads or pulls another one of that
// name gets that one.

import { existsSync, writeFileSync } from 'node:fs';
import {
  busyboxTree,
  endOfArchive,
  entryHeader,
  ownPlatform,
  paddingOf,
  rootsEntry,
  type StoredImage,
} from '../libcontainer/layers.ts';
import { breathing } from './archives/breathing.ts';
import { showImage, stageLayer } from './archives/new-image.ts';
import type { Graph } from './graph.ts';
import { fullText, parseReference, withDefaultTag, type Reference } from './reference.ts';

const name = withDefaultTag(parseReference('busybox'));

export function isDefaultImage(reference: Reference): boolean {
  return fullText(reference) === fullText(name);
}

/** Nothing is thrown: an engine without any image is an engine. */
export async function ensureDefaultImage(
  graph: Graph,
  log: (message: string) => void,
): Promise<void> {
  const made = `${graph.store.root}/made-default-image`;
  if (graph.images().length > 0 || existsSync(made)) return;
  try {
    await defaultImage(graph);
    // Whoever removes it does not want it again.
    writeFileSync(made, '', { mode: 0o600 });
  } catch (error) {
    log(`no default image: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** @throws Error if there is no static busybox */
export async function defaultImage(graph: Graph): Promise<StoredImage> {
  const created = '1970-01-01T00:00:00Z';
  using layer = await stageLayer(graph, breathing(archive()));
  const image = await showImage(graph, {
    layer,
    base: undefined,
    about: {
      ...ownPlatform(),
      created,
      config: {
        Env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
        Cmd: ['sh'],
      },
    },
    history: { created, created_by: 'ADD busybox of this machine in /' },
    reference: name,
  });
  graph.tell('tag', image, 'busybox:latest');
  return image;
}

function* archive(): Generator<Buffer> {
  for (const entry of busyboxTree()) {
    const { path: own, type } = entry;
    if (type === 'link') {
      const { target } = entry;
      yield entryHeader({ ...rootsEntry, name: own, kind: type, mode: 0o777, target });
      continue;
    }
    const size = type === 'file' ? entry.content.length : 0;
    yield entryHeader({ ...rootsEntry, name: own, kind: type, mode: entry.mode, size });
    if (type !== 'file') continue;
    yield Buffer.from(entry.content);
    yield Buffer.alloc(paddingOf(size));
  }
  yield endOfArchive;
}
