// The records of all containers: in memory for readers, in the database before anybody sees them.
//
// - `Store.open(database, log)`: what the database holds; a broken record is named and left out
// - `.get(id)`, `.all()`, `.has(id)`, `.ids()`, `.knownIds()`, `.idOfName(name)`
// - `.namesOf(id)`: its own, and `/web/db` for what a linked one calls it
// - `.reserve(name, id)`: a name for a container that is still being made
// - `.put(record)`: in one transaction with its name; a full disk refuses it
// - `.note(record)`, `.remove(id)`: what has happened already, whatever the disk says of it
// - `.isWritten(id)`, `.writeRest()`
//
// Names and links are edges of the graph database; which ones a container has stands in its record.

import type { Database } from '../../../graph/database.ts';
import type { Table } from '../../../graph/database/table.ts';
import { GraphDb } from '../../../graph/graphdb.ts';
import { nameTaken, type KnownContainers } from '../record/names.ts';
import { recordSchema, type ContainerId, type ContainerRecord } from '../record/record.ts';

/** How soon a full disk is tried again. */
const retryMs = 1000;

export class Store implements KnownContainers {
  readonly #database: Database;
  readonly #log: (message: string) => void;
  readonly #table: Table<ContainerRecord>;
  readonly #names: GraphDb;
  readonly #records = new Map<string, ContainerRecord>();
  /** By name, also of those that have no record yet. */
  readonly #byName = new Map<string, ContainerId>();
  /** Those that have links. */
  readonly #linking = new Set<ContainerId>();
  /** Those that the disk had no room for. */
  readonly #unwritten = new Set<ContainerId>();
  #later: NodeJS.Timeout | undefined;

  constructor(database: Database, log: (message: string) => void) {
    this.#database = database;
    this.#log = log;
    this.#table = database.table('containers', recordSchema);
    this.#names = new GraphDb(database, 'containers');
    for (const [, record] of this.#table.all()) this.#remember(record);
    this.#reconcileNames();
  }

  get(id: ContainerId): ContainerRecord | undefined {
    return this.#records.get(id);
  }

  has(id: string): boolean {
    return this.#records.has(id);
  }

  idOfName(path: string): ContainerId | undefined {
    const [name = '', alias, ...rest] = path.split('/');
    const id = this.#byName.get(name);
    const record = id === undefined ? undefined : this.#records.get(id);
    if (alias === undefined || record === undefined || rest.length > 0) return record?.id;
    return this.#records.get(record.links?.[alias] ?? '')?.id;
  }

  namesOf(id: ContainerId): readonly string[] {
    const names = [`/${this.#records.get(id)?.name}`];
    for (const parent of this.#linking) {
      const { name, links = {} } = this.#records.get(parent) ?? {};
      const aliases = Object.keys(links).filter(alias => links[alias] === id);
      names.push(...aliases.map(alias => `/${name}/${alias}`));
    }
    return names.toSorted();
  }

  /** Also of those whose record cannot be read: what is theirs stays for a person to look into. */
  knownIds(): ReadonlySet<string> {
    return new Set([...this.#table.ids(), ...this.#records.keys()]);
  }

  *ids(): Iterable<ContainerId> {
    for (const { id } of this.#records.values()) yield id;
  }

  all(): Iterable<ContainerRecord> {
    return this.#records.values();
  }

  isTaken(name: string): boolean {
    return this.#byName.has(name);
  }

  /** Disposing gives the name back, unless a record has it by then. @throws CONFLICT */
  reserve(name: string, id: ContainerId): Disposable {
    const owner = this.#byName.get(name);
    if (owner !== undefined) throw nameTaken(name, owner);
    this.#byName.set(name, id);
    return {
      [Symbol.dispose]: () => {
        if (this.#byName.get(name) === id && this.#records.get(id)?.name !== name) {
          this.#byName.delete(name);
        }
      },
    };
  }

  put(record: ContainerRecord): void {
    const before = this.#records.get(record.id);
    this.#database.transaction(() => {
      this.#table.put(record.id, record);
      if (before?.name !== record.name) {
        if (before !== undefined) this.#names.remove(`/${before.name}`);
        // In its place: who had it may be gone, and not yet from the disk.
        this.#names.link('containers', record.name, record.id);
      }
      if (before?.links !== record.links) this.#putLinks(record);
    });
    this.#unwritten.delete(record.id);
    this.#remember(record);
    // There is room again.
    if (this.#later !== undefined) this.writeRest();
  }

  #putLinks({ id, name, links = {} }: ContainerRecord): void {
    for (const edge of this.#names.childrenOf(id)) {
      if (links[edge.name] !== edge.entity) this.#names.remove(`/${name}/${edge.name}`);
    }
    for (const [alias, other] of Object.entries(links)) {
      if (this.#records.has(other)) this.#names.link(id, alias, other);
    }
  }

  #remember(record: ContainerRecord): void {
    const before = this.#records.get(record.id);
    this.#records.set(record.id, record);
    if (record.links !== undefined) this.#linking.add(record.id);
    if (before !== undefined && before.name !== record.name) this.#byName.delete(before.name);
    this.#byName.set(record.name, record.id);
  }

  /** True for all who ask from now on; the disk gets it when it has room again. */
  note(record: ContainerRecord): void {
    if (!this.#isDone(record.id, () => this.put(record))) this.#remember(record);
  }

  #isDone(id: ContainerId, write: () => void): boolean {
    try {
      write();
      return true;
    } catch (error) {
      if (!this.#unwritten.has(id)) this.#log(`container ${id} is not written: ${String(error)}`);
      this.#unwritten.add(id);
      this.#later ??= setTimeout(() => this.writeRest(), retryMs).unref();
      return false;
    }
  }

  isWritten(id: ContainerId): boolean {
    return !this.#unwritten.has(id);
  }

  writeRest(): void {
    clearTimeout(this.#later);
    this.#later = undefined;
    for (const id of [...this.#unwritten]) {
      const record = this.#records.get(id);
      if (record !== undefined) this.note(record);
      else if (!this.#isDone(id, () => this.#erase(id))) return;
    }
  }

  /** Gone at once, and from the disk as soon as that takes the news. */
  remove(id: ContainerId): void {
    const record = this.#records.get(id);
    if (record === undefined) return;
    this.#records.delete(id);
    this.#linking.delete(id);
    this.#isDone(id, () => this.#erase(id));
    if (this.#byName.get(record.name) === id) this.#byName.delete(record.name);
  }

  #erase(id: ContainerId): void {
    this.#database.transaction(() => {
      this.#names.purge(id);
      this.#table.remove(id);
    });
    this.#unwritten.delete(id);
  }

  /** A name or link that no record explains goes; one that a record has is made again. */
  #reconcileNames(): void {
    try {
      this.#database.transaction(() => this.#putNames());
    } catch (error) {
      // Records are what names are looked up in: those edges are for who looks at the graph.
      this.#log(`the names of containers are not written: ${String(error)}`);
    }
  }

  #putNames(): void {
    for (const { name, entity } of this.#names.children('/')) {
      if (this.#records.get(entity)?.name !== name) this.#names.remove(`/${name}`);
    }
    for (const record of this.#records.values()) {
      this.#names.link('containers', record.name, record.id);
      this.#putLinks(record);
    }
  }
}
