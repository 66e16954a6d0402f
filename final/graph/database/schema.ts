// What stands in the database from the start, and how an older one becomes like that.
//
// - `migrations`: the statements of each version, in order; only ever appended to. Each may be said
//   again: what was lost with a broken page is made again, empty
// - `bringUpToDate(connection, file)`
//
// The number of the version is kept in the file's header (`user_version`). Tables of documents are
// made by who uses them (table.ts) and need no version. Source: sqlite.org/pragma.html.

import type { DatabaseSync } from 'node:sqlite';

const migrations: readonly string[] = [
  // 1: the graph (graphdb.ts). Whatever has a name is an entity; a name is an edge.
  `CREATE TABLE IF NOT EXISTS entities (id TEXT PRIMARY KEY NOT NULL);
   CREATE TABLE IF NOT EXISTS edges (
     parent TEXT NOT NULL REFERENCES entities (id) ON DELETE CASCADE,
     name TEXT NOT NULL,
     entity TEXT NOT NULL REFERENCES entities (id) ON DELETE CASCADE,
     PRIMARY KEY (parent, name)
   );
   CREATE INDEX IF NOT EXISTS edges_by_entity ON edges (entity);`,
];

/** @throws Error if a newer slipway has written it */
export function bringUpToDate(connection: DatabaseSync, file: string): void {
  const version = versionOf(connection);
  if (version > migrations.length) {
    const known = `version ${version}, and this one knows ${migrations.length}`;
    throw new Error(`${file} was written by a newer slipway (${known}): use that one`);
  }
  for (const [index, statements] of migrations.entries()) {
    const isNew = index >= version;
    const known = isNew ? `PRAGMA user_version = ${index + 1};` : '';
    connection.exec(`BEGIN IMMEDIATE; ${statements} ${known} COMMIT`);
  }
}

function versionOf(connection: DatabaseSync): number {
  return Number(connection.prepare('PRAGMA user_version').get()?.['user_version']);
}
