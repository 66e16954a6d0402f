// The graph database: whatever has a name is an entity, and a name is an edge to it.
//
// - `new GraphDb(database, root)`; then with paths from that root, `/name` or `/web/db`:
// - `.set(path, entity)`: a name for an entity; the entity is made if it is not there
// - `.get(path)`, `.children(path)`, `.parents(path)`, `.walk(path, visit)`
// - `.rename(from, to)`, `.remove(path)`: the name goes, the entity stays
// - `.refs(entity)`, `.paths(entity)`; `.purge(entity)`: it and all names of it and in it
// - `.lines(label)`: the whole as a tree, for people
//
//     entities  id                        of a container, an image; the roots name themselves
//     edges     parent, name, entity      at most one `name` in a parent
//
//     containers ── web ──▸ 4f66… ── db ──▸ 9c01…      a link: /web/db
//            └───── db ───────────────────────▲
//
// Each root is a tree of its own: `containers` for names and links, `images` for references. Names
// of images hold `/`, which is `%2F` in a path (and `%` is `%25`); what is kept is the name itself.
// A walk visits no entity twice on one path: containers that are linked to each other do no harm.
// The design is that of Docker's pkg/graphdb.

import { conflict, notFound } from '../engine/refusal.ts';
import type { Row } from './database/table.ts';
import type { Database } from './database.ts';

export interface Edge {
  /** The id of the entity that the name stands in. */
  readonly parent: string;
  readonly name: string;
  /** The id of what is called so there. */
  readonly entity: string;
}

export interface Visited extends Edge {
  /** From the root of the walk, as `get` takes it. */
  readonly path: string;
  readonly depth: number;
}

export class GraphDb {
  readonly #database: Database;
  readonly #root: string;

  /** @param root names the tree; it is its own first entity */
  constructor(database: Database, root: string) {
    this.#database = database;
    this.#root = root;
    this.#ensure(root);
  }

  /** @throws Refusal CONFLICT if another entity has the name, NOT_FOUND if its parent is nobody */
  set(path: string, entity: string): void {
    const { parent, name } = this.#place(path);
    const before = this.child(parent, name);
    if (before === entity) return;
    if (before !== undefined) throw conflict(`the name ${path} is in use by ${before}`);
    this.link(parent, name, entity);
  }

  /** The same without a path, in its place if the name is taken; nothing is written if it is so. */
  link(parent: string, name: string, entity: string): void {
    if (this.child(parent, name) === entity) return;
    this.#database.transaction(() => {
      this.#ensure(parent);
      this.#ensure(entity);
      this.#database.run(
        `INSERT INTO edges (parent, name, entity) VALUES (?, ?, ?)
         ON CONFLICT (parent, name) DO UPDATE SET entity = excluded.entity`,
        parent,
        name,
        entity,
      );
    });
  }

  /** The entity at the end of a path. */
  get(path: string): string | undefined {
    let at: string | undefined = this.#root;
    for (const name of segments(path)) {
      if (at === undefined) return undefined;
      at = this.child(at, name);
    }
    return at;
  }

  /** Of the root, or of an entity: by name, in their order. */
  children(path = '/'): readonly Edge[] {
    const entity = this.get(path);
    return entity === undefined ? [] : this.childrenOf(entity);
  }

  /** By the entity's id and the name itself. */
  child(parent: string, name: string): string | undefined {
    const sql = 'SELECT entity FROM edges WHERE parent = ? AND name = ?';
    const row = this.#database.get(sql, parent, name);
    return row === undefined ? undefined : String(row['entity']);
  }

  childrenOf(entity: string): readonly Edge[] {
    const sql = 'SELECT parent, name, entity FROM edges WHERE parent = ? ORDER BY name';
    return this.#database.all(sql, entity).map(edge);
  }

  /** The entities that have a name for what is at the path. */
  parents(path: string): readonly string[] {
    const entity = this.get(path);
    if (entity === undefined) return [];
    return [...new Set(this.refs(entity).map(({ parent }) => parent))];
  }

  /** All names of an entity. */
  refs(entity: string): readonly Edge[] {
    const sql = 'SELECT parent, name, entity FROM edges WHERE entity = ? ORDER BY parent, name';
    return this.#database.all(sql, entity).map(edge);
  }

  /** The paths from this root that lead to it, the shortest first. */
  paths(entity: string): readonly string[] {
    const found: string[] = [];
    this.walk('/', one => {
      if (one.entity === entity) found.push(one.path);
    });
    return found.toSorted((a, b) => a.split('/').length - b.split('/').length || (a < b ? -1 : 1));
  }

  /** Depth first, by name; `depth` levels at most. */
  walk(path: string, visit: (one: Visited) => void, depth = Infinity): void {
    const start = this.get(path);
    if (start === undefined) return;
    const prefix = segments(path).map(encode).join('');
    const go = (entity: string, above: string, seen: ReadonlySet<string>): void => {
      if (seen.size > depth) return;
      for (const one of this.childrenOf(entity)) {
        const own = `${above}${encode(one.name)}`;
        visit({ ...one, path: own, depth: seen.size });
        if (!seen.has(one.entity)) go(one.entity, own, new Set([...seen, one.entity]));
      }
    };
    go(start, prefix, new Set([start]));
  }

  /** @throws Refusal NOT_FOUND, or CONFLICT if there is another one of that name */
  rename(from: string, to: string): void {
    this.#database.transaction(() => {
      const entity = this.get(from);
      if (entity === undefined) throw notFound(`no such name: ${from}`);
      if (from === to) return;
      this.set(to, entity);
      this.remove(from);
    });
  }

  /** @returns whether there was such a name */
  remove(path: string): boolean {
    const { parent, name } = this.#place(path);
    return this.unlink(parent, name);
  }

  unlink(parent: string, name: string): boolean {
    return this.#database.run('DELETE FROM edges WHERE parent = ? AND name = ?', parent, name) > 0;
  }

  /** The entity, its names, and the names in it. */
  purge(entity: string): void {
    if (entity === this.#root) return;
    this.#database.run('DELETE FROM entities WHERE id = ?', entity);
  }

  /** @param label what to show of an entity; default: the first twelve of its digits */
  lines(label: (entity: string) => string = shortened): readonly string[] {
    const drawn = [this.#root];
    const go = (entity: string, before: string, seen: ReadonlySet<string>): void => {
      const children = this.childrenOf(entity);
      for (const [index, one] of children.entries()) {
        const isLast = index === children.length - 1;
        drawn.push(`${before}${isLast ? '└─' : '├─'} ${one.name} → ${label(one.entity)}`);
        const below = `${before}${isLast ? '   ' : '│  '}`;
        if (!seen.has(one.entity)) go(one.entity, below, new Set([...seen, one.entity]));
      }
    };
    go(this.#root, '', new Set([this.#root]));
    return drawn;
  }

  #ensure(entity: string): void {
    this.#database.run('INSERT OR IGNORE INTO entities (id) VALUES (?)', entity);
  }

  /** The parent's id and the last name of a path. */
  #place(path: string): { readonly parent: string; readonly name: string } {
    const names = segments(path);
    const name = names.at(-1);
    if (name === undefined) throw notFound('the root has no name');
    const above = names.slice(0, -1).map(encode).join('') || '/';
    const parent = this.get(above);
    if (parent === undefined) throw notFound(`no such name: ${above}`);
    return { parent, name };
  }
}

/** The names of a path, as they are kept. */
function segments(path: string): readonly string[] {
  return path
    .split('/')
    .filter(part => part !== '')
    .map(part => (part.includes('%') ? decoded(part) : part));
}

/** A segment with its slash. Only what would be read otherwise is written otherwise. */
function encode(name: string): string {
  return `/${name.replaceAll('%', '%25').replaceAll('/', '%2F')}`;
}

function decoded(part: string): string {
  return part.replaceAll(/%2F/gi, '/').replaceAll('%25', '%');
}

function edge(row: Row): Edge {
  return {
    parent: String(row['parent']),
    name: String(row['name']),
    entity: String(row['entity']),
  };
}

function shortened(entity: string): string {
  return entity.replace(/^sha256:/, '').replace(/^([0-9a-f]{12})[0-9a-f]{52}$/, '$1');
}
