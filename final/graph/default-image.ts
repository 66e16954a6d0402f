// The image that every machine can make for itself: `busybox:latest`.
//
// - `defaultImage(graph)`: made (again) from this machine's static busybox
// - `isDefaultImage(reference)`
// - `imageOrDefault(graph, text)`: what a new container is made from
//
// It is made when it is asked for, not before: a fresh engine has no images, as Docker has none.
// A pull of it makes it (registry/jobs.ts). And so does the first container of an engine without
// any image, for whoever speaks to the API and pulls nothing. The same busybox makes the same
// image, to the id. Whoever loads another one of that name has that one.

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
import { noSuchImage } from './images/find.ts';
import {
  fullText,
  parseAnyReference,
  parseReference,
  withDefaultTag,
  type Reference,
} from './reference.ts';

const name = withDefaultTag(parseReference('busybox'));

export function isDefaultImage(reference: Reference): boolean {
  return fullText(reference) === fullText(name);
}

/** @throws Refusal INVALID, NOT_FOUND in Docker's words */
export async function imageOrDefault(graph: Graph, text: string): Promise<StoredImage> {
  const found = graph.find(text);
  if (found !== undefined) return found;
  const any = parseAnyReference(text);
  const isFirst = graph.images().length === 0;
  if (!isFirst || any.kind === 'id' || !isDefaultImage(withDefaultTag(any.reference))) {
    throw noSuchImage(text);
  }
  try {
    return await defaultImage(graph);
  } catch (cause) {
    graph.warn(`no default image: ${cause instanceof Error ? cause.message : String(cause)}`);
    throw noSuchImage(text);
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
