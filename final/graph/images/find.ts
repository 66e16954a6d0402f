// Which image somebody means.
//
// - `findImage(graph, text)`: by its name (`:latest` may be left out), its id, the beginning of
//   that, with `sha256:` or without, or a digest
// - `noSuchImage(text)`
//
// A name comes before an id: an image may be called `beef`. Where the beginning fits several
// images, none is meant, as in Docker.

import { invalid, notFound, type Refusal } from '../../engine/refusal.ts';
import { hexOf, type StoredImage } from '../../libcontainer/layers.ts';
import { familiarText, parseAnyReference, type Reference, withDefaultTag } from '../reference.ts';

/** What is looked through: a graph has it. */
export interface Images {
  readonly names: { get(reference: Reference): string | undefined };
  image(id: string): StoredImage | undefined;
  images(): readonly StoredImage[];
}

/** @throws Refusal INVALID if it can be no reference */
export function findImage(graph: Images, text: string): StoredImage | undefined {
  if (text === '') throw invalid('invalid reference format');
  const any = parseAnyReference(text);
  if (any.kind === 'id') return graph.image(any.id);
  const { reference } = any;
  const named = graph.names.get(withDefaultTag(reference));
  const found = named === undefined ? undefined : graph.image(named);
  return found ?? byBeginning(graph, text);
}

export function byBeginning(graph: Images, text: string): StoredImage | undefined {
  const digits = /^(?:sha256:)?([0-9a-f]{1,64})$/.exec(text)?.[1];
  if (digits === undefined) return undefined;
  const fits = graph.images().filter(({ id }) => hexOf(id).startsWith(digits));
  return fits.length === 1 ? fits[0] : undefined;
}

/** @throws Refusal INVALID if it can be no reference */
export function noSuchImage(text: string): Refusal {
  const any = parseAnyReference(text);
  const shown = any.kind === 'id' ? any.id : familiarText(withDefaultTag(any.reference));
  return notFound(`No such image: ${shown}`);
}
