import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openDatabase, type Database } from './database.ts';
import { GraphDb } from './graphdb.ts';

let folder: string;
let database: Database;
let graph: GraphDb;

beforeEach(() => {
  folder = mkdtempSync(`${tmpdir()}/graphdb-`);
  database = openDatabase({ file: `${folder}/db` });
  graph = new GraphDb(database, 'containers');
});

afterEach(() => {
  database[Symbol.dispose]();
  rmSync(folder, { recursive: true });
});

test('a link is a name inside of another one', () => {
  graph.set('/web', 'a'.repeat(64));
  graph.set('/db', 'b'.repeat(64));
  graph.set('/web/database', 'b'.repeat(64));
  expect(graph.get('/web/database')).toBe('b'.repeat(64));
  expect(graph.paths('b'.repeat(64))).toEqual(['/db', '/web/database']);
  expect(graph.parents('/db')).toEqual(['a'.repeat(64), 'containers']);
  expect(graph.lines().join('\n')).toMatchInlineSnapshot(`
    "containers
    ├─ db → bbbbbbbbbbbb
    └─ web → aaaaaaaaaaaa
       └─ database → bbbbbbbbbbbb"
  `);
});

test('a name belongs to one entity, until it is removed', () => {
  graph.set('/a', '1');
  graph.set('/a', '1');
  expect(() => graph.set('/a', '2')).toThrow('the name /a is in use by 1');
  expect(() => graph.set('/nobody/x', '2')).toThrow('no such name: /nobody');
  expect([graph.remove('/a'), graph.remove('/a')]).toEqual([true, false]);
  graph.set('/a', '2');
  expect(graph.get('/a')).toBe('2');
});

test('a name with slashes is one name, and its path finds it', () => {
  const images = new GraphDb(database, 'images');
  images.link('images', 'registry:5000/deep/name:50%25', 'i');
  const [path = ''] = images.paths('i');
  expect(path).toBe('/registry:5000%2Fdeep%2Fname:50%2525');
  expect(images.get(path)).toBe('i');
  expect(graph.get(path)).toBeUndefined();
});

test('a rename keeps the entity and what is named in it', () => {
  graph.set('/web', '1');
  graph.set('/web/db', '2');
  graph.rename('/web', '/site');
  expect([graph.get('/web'), graph.get('/site/db')]).toEqual([undefined, '2']);
  graph.set('/other', '3');
  expect(() => graph.rename('/site', '/other')).toThrow('in use by 3');
  expect(graph.get('/site')).toBe('1');
  expect(() => graph.rename('/nobody', '/x')).toThrow('no such name: /nobody');
});

test('two that are linked to each other are walked once around', () => {
  graph.set('/a', '1');
  graph.set('/b', '2');
  graph.set('/a/b', '2');
  graph.set('/b/a', '1');
  const seen: string[] = [];
  graph.walk('/', ({ path }) => seen.push(path));
  expect(seen).toEqual(['/a', '/a/b', '/a/b/a', '/b', '/b/a', '/b/a/b']);
  const near: string[] = [];
  graph.walk('/', ({ path }) => near.push(path), 1);
  expect(near).toEqual(['/a', '/b']);
});

describe('whatever is done to it, it is', () => {
  const name = fc.constantFrom('a', 'b', 'c');
  const entity = fc.constantFrom('1', '2', '3', '4');
  const path = fc.array(name, { minLength: 1, maxLength: 3 });
  const step = fc.oneof(
    fc.record({ kind: fc.constant('set' as const), path, entity }),
    fc.record({ kind: fc.constant('remove' as const), path }),
    fc.record({ kind: fc.constant('rename' as const), path, to: path }),
    fc.record({ kind: fc.constant('purge' as const), entity }),
  );

  test('what a map of maps would be', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), steps => {
        database.run('DELETE FROM edges');
        database.run(`DELETE FROM entities WHERE id <> 'containers'`);
        const model = new Model();
        for (const one of steps) {
          expect(outcome(() => apply(graph, one))).toEqual(outcome(() => apply(model, one)));
          expect(edgesOf(graph)).toEqual(model.edges());
        }
      }),
      { numRuns: 200 },
    );
  });

  type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

  function apply(on: Pick<GraphDb, 'set' | 'remove' | 'rename' | 'purge'>, one: Step): unknown {
    if (one.kind === 'purge') return on.purge(one.entity);
    const at = `/${one.path.join('/')}`;
    if (one.kind === 'set') return on.set(at, one.entity);
    if (one.kind === 'remove') return on.remove(at);
    return on.rename(at, `/${one.to.join('/')}`);
  }

  function outcome(act: () => unknown): unknown {
    try {
      return act();
    } catch {
      return 'refused';
    }
  }

  function edgesOf(of: GraphDb): readonly string[] {
    return ['containers', '1', '2', '3', '4'].flatMap(parent =>
      of.childrenOf(parent).map(one => `${parent}.${one.name}=${one.entity}`),
    );
  }
});

class Model {
  readonly #names = new Map<string, Map<string, string>>();

  edges(): readonly string[] {
    return ['containers', '1', '2', '3', '4'].flatMap(parent =>
      [...(this.#names.get(parent) ?? [])]
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, entity]) => `${parent}.${name}=${entity}`),
    );
  }

  set(path: string, entity: string): void {
    const [parent, name] = this.#place(path);
    const names = this.#names.get(parent) ?? new Map<string, string>();
    if ((names.get(name) ?? entity) !== entity) throw new Error('taken');
    this.#names.set(parent, names.set(name, entity));
  }

  remove(path: string): boolean {
    const [parent, name] = this.#place(path);
    return this.#names.get(parent)?.delete(name) ?? false;
  }

  rename(from: string, to: string): void {
    const entity = this.#get(from);
    if (entity === undefined) throw new Error('nobody');
    if (from === to) return;
    const before = new Map([...this.#names].map(([key, names]) => [key, new Map(names)]));
    try {
      this.set(to, entity);
      this.remove(from);
    } catch (error) {
      this.#names.clear();
      for (const [key, names] of before) this.#names.set(key, names);
      throw error;
    }
  }

  purge(entity: string): void {
    this.#names.delete(entity);
    for (const names of this.#names.values()) {
      for (const [name, of] of names) if (of === entity) names.delete(name);
    }
  }

  #get(path: string): string | undefined {
    let at: string | undefined = 'containers';
    for (const name of path.split('/').filter(part => part !== '')) {
      at = at === undefined ? undefined : this.#names.get(at)?.get(name);
    }
    return at;
  }

  #place(path: string): readonly [string, string] {
    const parts = path.split('/').filter(part => part !== '');
    const parent = this.#get(parts.slice(0, -1).join('/'));
    if (parent === undefined) throw new Error('nobody');
    return [parent, parts.at(-1) ?? ''];
  }
}
