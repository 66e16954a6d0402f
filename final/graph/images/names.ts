// What images are called, and which image was made from which: the graph's tree `images`.
//
// - `new ImageNames(database)`
// - `.set(reference, id)`, `.get(reference)`, `.remove(reference)`
// - `.of(id)`: its references, by their text; `.inRepository(reference)`: all tags and digests
// - `.setParent(id, parent)`, `.parentOf(id)`, `.childrenOf(id)`
// - `.forget(id)`: the entity with all its names
// - `.tagged(id)`: when it was given a name here
//
//     images ── docker.io/library/busybox:latest ──▸ sha256:4f66… ── parent ──▸ sha256:9c01…
//
// Only a commit or a build knows a parent, and a load of both.

import { z } from 'zod';
import { isDigest, type Digest } from '../../libcontainer/layers.ts';
import type { Database } from '../database.ts';
import { GraphDb } from '../graphdb.ts';
import { fullName, fullText, parseReference, type Reference } from '../reference.ts';
import type { Table } from '../database/table.ts';

const root = 'images';
const parent = 'parent';

const local = z.object({ taggedAt: z.string() });

export interface NamedImage {
  readonly reference: Reference;
  readonly id: Digest;
}

export class ImageNames {
  readonly graph: GraphDb;
  readonly #local: Table<z.infer<typeof local>>;

  constructor(database: Database) {
    this.graph = new GraphDb(database, root);
    this.#local = database.table('images', local);
  }

  set(reference: Reference, id: Digest): void {
    this.graph.link(root, fullText(reference), id);
  }

  get(reference: Reference): Digest | undefined {
    return digestOrNone(this.graph.child(root, fullText(reference)));
  }

  /** @returns whether it was one */
  remove(reference: Reference): boolean {
    return this.graph.unlink(root, fullText(reference));
  }

  of(id: Digest): readonly Reference[] {
    return this.graph
      .refs(id)
      .filter(one => one.parent === root)
      .map(({ name }) => parseReference(name));
  }

  all(): readonly NamedImage[] {
    return this.graph.children().flatMap(({ name, entity }) => {
      return isDigest(entity) ? [{ reference: parseReference(name), id: entity }] : [];
    });
  }

  inRepository(reference: Reference): readonly NamedImage[] {
    const name = fullName(reference);
    return this.all().filter(one => fullName(one.reference) === name);
  }

  setParent(id: Digest, of: Digest): void {
    this.graph.link(id, parent, of);
  }

  parentOf(id: Digest): Digest | undefined {
    return digestOrNone(this.graph.child(id, parent));
  }

  childrenOf(id: Digest): readonly Digest[] {
    const named = this.graph.refs(id).filter(one => one.name === parent);
    return named.flatMap(one => (isDigest(one.parent) ? [one.parent] : []));
  }

  forget(id: Digest): void {
    this.graph.purge(id);
    this.#local.remove(id);
  }

  noteTagged(id: Digest, at: Date): void {
    this.#local.put(id, { taggedAt: at.toISOString() });
  }

  tagged(id: Digest): string | undefined {
    return this.#local.get(id)?.taggedAt;
  }
}

function digestOrNone(entity: string | undefined): Digest | undefined {
  return entity !== undefined && isDigest(entity) ? entity : undefined;
}
