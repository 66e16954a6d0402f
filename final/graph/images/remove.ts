// DELETE /images/…: a name goes, and with the last one the image, and with it what only it needed.
//
// - `removeImage(graph, text, { force, prune })`: what was untagged and what was deleted, in order
//
//     a name was said   it goes; the image goes too if it was the last one and nobody uses it
//     an id was said    the image goes, if it has one name at most, or by force
//
//     hard conflicts    images made from it, running containers     never
//     soft conflicts    several names, stopped containers           by force
//
// Parents without a name, which nobody needs any more, go along unless `prune` is false.
// Source: what Docker does (daemon/images/image_delete.go), in the words that its users know.

import { conflict, invalid, type Refusal } from '../../engine/refusal.ts';
import { hexOf, type Digest, type StoredImage } from '../../libcontainer/layers.ts';
import type { Graph } from '../graph.ts';
import { familiarText, fullName, parseReference, withDefaultTag } from '../reference.ts';
import type { Reference } from '../reference.ts';

export type Removed = { readonly Untagged: string } | { readonly Deleted: string };

export interface RemoveWish {
  readonly force?: boolean;
  /** Also the parents that have no name; the default. */
  readonly prune?: boolean;
}

/** @throws Refusal INVALID, NOT_FOUND, CONFLICT */
export function removeImage(graph: Graph, text: string, wish: RemoveWish = {}): readonly Removed[] {
  if (text.trim() === '') throw invalid('image name cannot be blank');
  const image = graph.get(text);
  const removal = new Removal(graph, wish);
  graph.database.transaction(() => {
    if (isIdOf(image.id, text)) removal.byId(image);
    else removal.byName(image, text);
  });
  return removal.records;
}

function isIdOf(id: Digest, text: string): boolean {
  return id.startsWith(text) || hexOf(id).startsWith(text);
}

class Removal {
  readonly records: Removed[] = [];
  readonly #graph: Graph;
  readonly #force: boolean;
  readonly #prune: boolean;

  constructor(graph: Graph, { force = false, prune = true }: RemoveWish) {
    this.#graph = graph;
    this.#force = force;
    this.#prune = prune;
  }

  byName(image: StoredImage, text: string): void {
    const { names } = this.#graph;
    const [user] = this.#graph.usersOf(image.id);
    if (!this.#force && user !== undefined && isSingle(names.of(image.id))) {
      const using = `container ${short(user.id)} is using its referenced image ${short(image.id)}`;
      const what = `unable to remove repository reference "${text}" (must force)`;
      throw conflict(`conflict: ${what} - ${using}`);
    }
    const reference = withDefaultTag(parseReference(text));
    this.#untag(image, reference);
    const rest = names.of(image.id);
    const ofRepository = rest.filter(one => fullName(one) === fullName(reference));
    // The digests of a repository belong to its tags.
    if (reference.digest === undefined && ofRepository.every(one => one.digest !== undefined)) {
      for (const one of ofRepository) this.#untag(image, one);
    }
    if (names.of(image.id).length > 0) return;
    this.#delete(image, this.#force, true);
  }

  byId(image: StoredImage): void {
    const references = this.#graph.names.of(image.id);
    if (isSingle(references)) {
      const found = this.#hardConflict(image) ?? (this.#force ? undefined : this.#stopped(image));
      if (found !== undefined) throw found.refusal;
      for (const one of references) this.#untag(image, one);
    }
    this.#delete(image, this.#force, false);
  }

  /** @param quiet a conflict ends it without a word, unless nobody would know of the image */
  #delete(image: StoredImage, force: boolean, quiet: boolean): void {
    const { names } = this.#graph;
    const references = names.of(image.id);
    const soft = force ? undefined : (this.#named(image, references) ?? this.#stopped(image));
    const found = this.#hardConflict(image) ?? soft;
    if (found !== undefined) {
      const isKnown = references.length > 0 || names.childrenOf(image.id).length > 0;
      if (quiet && (isKnown || found.isUsed)) return;
      throw found.refusal;
    }
    const parent = names.parentOf(image.id);
    for (const one of references) this.#untag(image, one);
    const layers = this.#graph.delete(image.id);
    this.#graph.tell('delete', image, image.id);
    this.records.push({ Deleted: image.id });
    for (const layer of layers) this.records.push({ Deleted: `sha256:${layer}` });
    const above = parent === undefined || !this.#prune ? undefined : this.#graph.image(parent);
    if (above !== undefined) this.#deleteParent(above);
  }

  /** Never by force, and whatever speaks against it is no error. */
  #deleteParent(image: StoredImage): void {
    if (this.#graph.names.childrenOf(image.id).length > 0) return;
    this.#delete(image, false, true);
  }

  #untag(image: StoredImage, reference: Reference): void {
    if (!this.#graph.names.remove(reference)) return;
    this.#graph.tell('untag', image, image.id);
    this.records.push({ Untagged: familiarText(reference) });
  }

  #hardConflict(image: StoredImage): Conflict | undefined {
    if (this.#graph.names.childrenOf(image.id).length > 0) {
      return speaksAgainst(image, 'cannot be forced', 'image has dependent child images');
    }
    const user = this.#graph.usersOf(image.id).find(({ running }) => running);
    if (user === undefined) return undefined;
    const why = `image is being used by running container ${short(user.id)}`;
    return { ...speaksAgainst(image, 'cannot be forced', why), isUsed: true };
  }

  #named(image: StoredImage, references: readonly Reference[]): Conflict | undefined {
    if (references.length === 0) return undefined;
    return speaksAgainst(image, 'must be forced', 'image is referenced in multiple repositories');
  }

  #stopped(image: StoredImage): Conflict | undefined {
    const user = this.#graph.usersOf(image.id).find(({ running }) => !running);
    if (user === undefined) return undefined;
    const why = `image is being used by stopped container ${short(user.id)}`;
    return { ...speaksAgainst(image, 'must be forced', why), isUsed: true };
  }
}

interface Conflict {
  readonly refusal: Refusal;
  /** By a container. */
  readonly isUsed: boolean;
}

function speaksAgainst({ id }: StoredImage, force: string, why: string): Conflict {
  const refusal = conflict(`conflict: unable to delete ${short(id)} (${force}) - ${why}`);
  return { refusal, isUsed: false };
}

/** One name at most, or a tag with the digests of its own repository. */
function isSingle(references: readonly Reference[]): boolean {
  const tags = references.filter(({ digest }) => digest === undefined);
  const repositories = new Set(references.map(fullName));
  return references.length <= 1 || (tags.length <= 1 && repositories.size === 1);
}

function short(id: string): string {
  return id.replace(/^sha256:/, '').slice(0, 12);
}
