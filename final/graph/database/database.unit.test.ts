import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { openDatabase, type Database } from '../database.ts';

const schema = z.object({ name: z.string(), filling: z.string() });

let folder: string;
let file: string;
let told: string[];

beforeEach(() => {
  folder = mkdtempSync(`${tmpdir()}/database-`);
  file = `${folder}/slipway.db`;
  told = [];
});

afterEach(() => rmSync(folder, { recursive: true }));

function open(): Database {
  return openDatabase({ file, log: message => told.push(message) });
}

function fill(count: number): void {
  using database = open();
  const table = database.table('containers', schema);
  database.transaction(() => {
    for (let number = 0; number < count; number += 1) {
      table.put(`c${number}`, { name: `n${number}`, filling: 'x'.repeat(200) });
    }
  });
}

/** How many containers a fresh start finds. */
function found(): number {
  using database = open();
  return database.table('containers', schema).all().length;
}

function overwrite(at: number, bytes: Uint8Array): void {
  const descriptor = openSync(file, 'r+');
  writeSync(descriptor, bytes, 0, bytes.length, at);
  closeSync(descriptor);
}

test('documents come back as they were put, in the order of their first coming', () => {
  using database = open();
  const table = database.table('containers', schema);
  table.put('b', { name: 'second', filling: '' });
  table.put('a', { name: 'first', filling: '' });
  table.put('b', { name: 'renamed', filling: '' });
  expect(table.ids()).toEqual(['b', 'a']);
  expect(table.get('b')).toEqual({ name: 'renamed', filling: '' });
  expect(table.get('c')).toBeUndefined();
  expect([table.remove('a'), table.remove('a'), table.has('b')]).toEqual([true, false, true]);
});

test('a transaction that throws leaves nothing, also inside another one', () => {
  using database = open();
  const table = database.table('containers', schema);
  expect(() =>
    database.transaction(() => {
      database.transaction(() => table.put('a', { name: 'a', filling: '' }));
      throw new Error('no');
    }),
  ).toThrow('no');
  expect(table.ids()).toEqual([]);
});

test('nobody else may read the file, nor what stands beside it', () => {
  using database = open();
  database.table('containers', schema).put('a', { name: 'a', filling: '' });
  const modes = readdirSync(folder).map(name => statSync(`${folder}/${name}`).mode & 0o777);
  expect(new Set(modes)).toEqual(new Set([0o600]));
});

test('a document that does not fit is named and left out, and the others are there', () => {
  {
    using database = open();
    database.table('containers', schema).put('good', { name: 'a', filling: '' });
    database.run(`INSERT INTO containers VALUES ('bad', '{"name":1}'), ('worse', '{')`);
  }
  expect(found()).toBe(1);
  expect(told).toHaveLength(2);
  expect(told[0]).toContain('containers bad cannot be read and is left out: name');
});

test('what a newer slipway has written is refused and not touched', () => {
  fill(1);
  {
    const newer = new DatabaseSync(file);
    newer.exec('PRAGMA user_version = 99');
    newer.close();
  }
  expect(open).toThrow('was written by a newer slipway (version 99, and this one knows 1)');
});

describe('a broken file', () => {
  test('that was cut off: the rows before the cut are kept, and the broken one too', () => {
    fill(400);
    rmSync(`${file}.copy`);
    truncateSync(file, 60_000);
    const kept = found();
    expect(kept).toBeGreaterThan(50);
    expect(kept).toBeLessThan(400);
    expect(told.join('\n')).toMatch(/is broken \(.*\): it is kept as .*broken-/);
    expect(readdirSync(folder).some(name => name.includes('.broken-'))).toBe(true);
    told = [];
    expect(found()).toBe(kept);
    expect(told.join('\n')).not.toContain('is broken');
  });

  test('with one page overwritten: only its rows are missing, and they are named', () => {
    fill(400);
    rmSync(`${file}.copy`);
    const page = readFileSync(file).indexOf('"n200"') >> 12;
    overwrite(page * 4096, Buffer.alloc(4096, 0xab));
    const kept = found();
    expect(kept).toBeGreaterThan(380);
    expect(kept).toBeLessThan(400);
    expect(told.join('\n')).toMatch(/table containers: \d+ rows taken over, but for .*\bc200\b/);
  });

  test('with one page overwritten: its rows are taken from the kept copy', () => {
    fill(400);
    const page = readFileSync(file).indexOf('"n200"') >> 12;
    overwrite(page * 4096, Buffer.alloc(4096, 0xab));
    expect(found()).toBe(400);
  });

  test('with its header gone: the kept copy has one, and nothing is missing', () => {
    fill(400);
    overwrite(0, Buffer.alloc(4096, 0xcd));
    expect(found()).toBe(400);
  });

  test.each([
    ['that was emptied', () => truncateSync(file, 0)],
    ['that is gone', () => rmSync(file)],
    ['that is a folder now', () => (rmSync(file), mkdirSync(file))],
  ])('%s: the kept copy is taken', (_, damage) => {
    fill(30);
    damage();
    expect(found()).toBe(30);
    expect(told.join('\n')).toContain('broken-');
  });

  test('that is gone with its copy: it is not whole as long as there are containers', () => {
    mkdirSync(`${folder}/containers`);
    using database = open();
    expect(database.isWhole).toBe(false);
    expect(told.join('\n')).toContain('begins with an empty database');
  });

  test('that lost a table: it is made again, and the others are kept', () => {
    fill(3);
    {
      const other = new DatabaseSync(file);
      other.exec('DROP TABLE edges');
      other.close();
    }
    using database = open();
    expect(database.all('SELECT * FROM edges')).toEqual([]);
    expect(database.table('containers', schema).all()).toHaveLength(3);
  });

  test('of which nothing is left: the kept copy is taken', () => {
    fill(400);
    writeFileSync(file, 'garbage '.repeat(1000));
    expect(found()).toBe(400);
    expect(told.join('\n')).toContain('.copy: table containers: 400 rows taken over');
  });

  test('and without any copy: the daemon starts empty and says so', () => {
    fill(10);
    rmSync(`${file}.copy`);
    writeFileSync(file, 'garbage '.repeat(1000));
    expect(found()).toBe(0);
    expect(told.join('\n')).toContain('nothing of it could be read');
  });

  test('damaged anywhere at all: it opens, and what it gives was put there', () => {
    fill(60);
    const whole = readFileSync(file);
    for (let at = 0; at < whole.length; at += 1777) {
      const damaged = Buffer.from(whole);
      damaged.fill(0x5a, at, at + 64);
      writeFileSync(file, damaged);
      rmSync(`${file}-wal`, { force: true });
      using database = open();
      for (const [id, { name }] of database.table('containers', schema).all()) {
        expect(name.length).toBe(id.length);
      }
    }
  });
});
