// `docker save`: images go out, with their names, in one archive.
//
// - `wantedImages(graph, texts)`: which images, and under which names
// - `saveArchive(graph, wanted)`: the archive's bytes, in large pieces
//
//     a name with its tag     that image, called so          a name alone   all tags of it
//     an id                   that image, without a name
//
// The same images make the same bytes. While it goes out, nobody removes their layers.

import { notFound } from '../../engine/refusal.ts';
import { saveImages, type Digest, type WantedImage } from '../../libcontainer/layers.ts';
import type { Graph } from '../graph.ts';
import { byBeginning } from '../images/find.ts';
import {
  familiarName,
  familiarText,
  fullText,
  parseAnyReference,
  parseReference,
  type Reference,
} from '../reference.ts';
import { breathing, gathered } from './breathing.ts';

/** @throws Refusal INVALID, NOT_FOUND */
export function wantedImages(graph: Graph, texts: readonly string[]): readonly WantedImage[] {
  const wanted = new Map<Digest, Set<string>>();
  for (const text of texts) {
    for (const { id, reference } of meantBy(graph, text)) {
      const names = wanted.get(id) ?? new Set();
      if (reference !== undefined) names.add(familiarText(reference));
      wanted.set(id, names);
    }
  }
  return [...wanted].flatMap(([id, names]) => {
    const image = graph.image(id);
    return image === undefined ? [] : [{ image, names: [...names] }];
  });
}

interface Meant {
  readonly id: Digest;
  readonly reference?: Reference;
}

function meantBy(graph: Graph, text: string): readonly Meant[] {
  const any = parseAnyReference(text);
  if (any.kind === 'id') {
    if (graph.image(any.id) !== undefined) return [{ id: any.id }];
    throw notFound(`No such image: ${text}`);
  }
  const { reference } = any;
  const isBare = reference.tag === undefined && reference.digest === undefined;
  if (!isBare && familiarName(reference) !== 'sha256') {
    const id = graph.names.get(reference);
    if (id !== undefined) return [{ id, reference }];
    throw notFound('reference does not exist');
  }
  const tagged = graph.names
    .inRepository(reference)
    .filter(one => one.reference.digest === undefined);
  if (isBare && tagged.length > 0) return tagged;
  const image = byBeginning(graph, text);
  if (image !== undefined) return [{ id: image.id }];
  throw notFound(`No such image: ${text}`);
}

export async function* saveArchive(
  graph: Graph,
  wanted: readonly WantedImage[],
): AsyncGenerator<Buffer> {
  using _ = graph.hold(wanted.flatMap(({ image }) => image.layers));
  const ids = new Set(wanted.map(({ image }) => image.id));
  const related = wanted.map(one => {
    const parent = graph.names.parentOf(one.image.id);
    return { ...one, parent: parent !== undefined && ids.has(parent) ? parent : undefined };
  });
  yield* breathing(
    gathered(saveImages(graph.store, related, text => fullText(parseReference(text)))),
  );
  for (const { image } of wanted) graph.tell('save', image, image.id);
}
