// Made from ../../ipam/lease-book.ts by `npm run generate`. Nothing is left out here.
// See how far you are, in the folder of the chapter: SUBJECT=exercise/run.ts npm test
//
// The book of networks and leases, shared by all that start containers on one host.
//
// - `openBook(path)`: the file; `LeaseBook.transaction(body)`: alone with it
// - `Page`: what one may do meanwhile
//
// SQLite keeps fifty processes apart: a transaction that writes is alone (BEGIN
// IMMEDIATE), and one that dies in the middle never was. A lease is owned by a process;
// whose owner has died is nobody's, and is struck out by whoever comes next. An engine
// owns leases, too, for containers that outlive it; it strikes them out itself.
//
//   network  name, bridge, subnets, gateways, mtu, keeper, last address given
//   lease    network, addresses, owner (pid, start time; or engine), container, names,
//            ports
//   setting  path, value, previous: what to write back with the last network
//   paper    a number of the ledger, to be settled with the last network

import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { ProcessIdentity } from '@slipway/lab/proc/processes.ts';
import type { Published } from '../firewall/elements.ts';
import { formatIp, formatSubnet, parseIp, parseSubnet } from './address.ts';
import type { Ip, Subnet } from './address.ts';
import type { Setting } from '../../network/settings.ts';

export interface BridgeNetwork {
  readonly name: string;
  /** The name of its link. */
  readonly bridge: string;
  readonly subnet4: Subnet;
  readonly subnet6: Subnet | undefined;
  readonly mtu: number;
  /** The bridge's own addresses; default: the first of each subnet. */
  readonly gateways?: readonly Ip[];
  /** Nobody in it reaches what is outside, nor is reached from there. */
  readonly internal?: boolean;
  /** The engine that keeps it while empty; default: it goes with its last lease. */
  readonly keeper?: string;
}

/** A process, or the data folder of an engine, which knows what lives of its own. */
export type Owner = ProcessIdentity | { readonly engine: string };

export interface Lease {
  readonly network: string;
  readonly ip: Ip;
  /** Default: the one that follows from `ip`, if its network has IPv6. */
  readonly ip6?: Ip;
  readonly owner: Owner;
  readonly container: string;
  /** By which its neighbours can call it. */
  readonly names: readonly string[];
  readonly ports: readonly Published[];
}

/** What one may do with the book while nobody else can. */
export interface Page {
  networks(): readonly BridgeNetwork[];
  addNetwork(network: BridgeNetwork): void;
  removeNetwork(name: string): void;
  lastGiven(network: string): bigint | undefined;
  leases(): readonly Lease[];
  /** Also remembers the address as the last that was given. */
  addLease(lease: Lease): void;
  /** Other names for who has it; all else stays. */
  renameLease(lease: Lease, names: readonly string[]): void;
  removeLease(lease: Lease): void;
  settings(): readonly Setting[];
  addSetting(setting: Setting): void;
  papers(): readonly string[];
  addPaper(id: string): void;
  forgetHost(): void;
}

export interface LeaseBook extends Disposable {
  /** What `body` returns; everything that it wrote, or nothing of it. */
  transaction<T>(body: (page: Page) => T): T;
  /** What stands there now. */
  readonly page: Pick<Page, 'networks' | 'leases'>;
}

const schema = `
  CREATE TABLE IF NOT EXISTS network (
    name TEXT PRIMARY KEY, bridge TEXT NOT NULL UNIQUE, subnet4 TEXT NOT NULL,
    subnet6 TEXT, mtu INTEGER NOT NULL, gateways TEXT NOT NULL,
    internal INTEGER NOT NULL, keeper TEXT, last TEXT) STRICT;
  CREATE TABLE IF NOT EXISTS lease (
    network TEXT NOT NULL, ip TEXT NOT NULL, ip6 TEXT, pid INTEGER, started INTEGER,
    engine TEXT, container TEXT NOT NULL, names TEXT NOT NULL, ports TEXT NOT NULL,
    PRIMARY KEY (network, ip)) STRICT;
  CREATE TABLE IF NOT EXISTS setting (
    path TEXT PRIMARY KEY, value TEXT NOT NULL, previous TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS paper (id TEXT PRIMARY KEY) STRICT;
`;

/** Longer than fifty starts one after the other. */
const patienceMs = 60_000;

export function openBook(path: string): LeaseBook {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const database = new DatabaseSync(path, { timeout: patienceMs });
  // It describes what is gone with the next boot anyhow: no write has to reach a disk.
  database.exec('PRAGMA synchronous = OFF');
  inTransaction(database, () => database.exec(schema));
  const page = pageOf(database);
  return {
    page,
    transaction: body => inTransaction(database, () => body(readOnce(page))),
    [Symbol.dispose]: () => database.close(),
  };
}

function inTransaction<T>(database: DatabaseSync, body: () => T): T {
  database.exec('BEGIN IMMEDIATE');
  try {
    const result = body();
    database.exec('COMMIT');
    return result;
  } catch (error) {
    database.exec('ROLLBACK');
    throw error;
  }
}

type Row = Record<string, unknown>;

function pageOf(database: DatabaseSync): Page {
  const prepared = new Map<string, StatementSync>();
  const prepare = (sql: string): StatementSync => {
    const known = prepared.get(sql) ?? database.prepare(sql);
    prepared.set(sql, known);
    return known;
  };
  const all = (sql: string): Row[] => prepare(sql).all();
  const run = (sql: string, ...values: (string | number | null)[]): void => {
    prepare(sql).run(...values);
  };
  return {
    networks: () => all('SELECT * FROM network ORDER BY name').map(readNetwork),
    addNetwork: network => {
      const { name, bridge, subnet4, subnet6, mtu } = network;
      const [four, six] = [formatSubnet(subnet4), subnet6 && formatSubnet(subnet6)];
      const gateways = (network.gateways ?? []).map(formatIp).join(' ');
      const internal = network.internal === true ? 1 : 0;
      const sql = 'INSERT INTO network VALUES (?, ?, ?, ?, ?, ?, ?, ?, NULL)';
      const keeper = network.keeper ?? null;
      run(sql, name, bridge, four, six ?? null, mtu, gateways, internal, keeper);
    },
    removeNetwork: name => run('DELETE FROM network WHERE name = ?', name),
    lastGiven: name => {
      const sql = 'SELECT last FROM network WHERE name = ?';
      const last = prepare(sql).get(name)?.['last'];
      return typeof last === 'string' ? parseIp(last)?.value : undefined;
    },
    leases: () => all('SELECT * FROM lease ORDER BY rowid').map(readLease),
    addLease: ({ network, ip, ip6, owner, container, names, ports }) => {
      const texts = [container, JSON.stringify(names), JSON.stringify(ports, asText)];
      const whose =
        'engine' in owner
          ? [null, null, owner.engine]
          : [owner.pid, owner.started, null];
      const sql = 'INSERT INTO lease VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)';
      run(sql, network, formatIp(ip), ip6 ? formatIp(ip6) : null, ...whose, ...texts);
      run('UPDATE network SET last = ? WHERE name = ?', formatIp(ip), network);
    },
    renameLease: ({ network, ip }, names) => {
      const sql = 'UPDATE lease SET names = ? WHERE network = ? AND ip = ?';
      run(sql, JSON.stringify(names), network, formatIp(ip));
    },
    removeLease: ({ network, ip }) =>
      run('DELETE FROM lease WHERE network = ? AND ip = ?', network, formatIp(ip)),
    settings: () =>
      all('SELECT * FROM setting ORDER BY rowid DESC').map(row => ({
        path: String(row['path']),
        value: String(row['value']),
        previous: String(row['previous']),
      })),
    addSetting: ({ path, value, previous }) =>
      // What was there first is what there was before us.
      run('INSERT OR IGNORE INTO setting VALUES (?, ?, ?)', path, value, previous),
    papers: () => all('SELECT id FROM paper').map(row => String(row['id'])),
    addPaper: id => run('INSERT INTO paper VALUES (?)', id),
    forgetHost: () => database.exec('DELETE FROM setting; DELETE FROM paper'),
  };
}

/** In a transaction nobody else writes: what was read stands until we do. */
function readOnce(page: Page): Page {
  const read: { networks?: readonly BridgeNetwork[]; leases?: readonly Lease[] } = {};
  return {
    ...page,
    networks: () => (read.networks ??= page.networks()),
    leases: () => (read.leases ??= page.leases()),
    addNetwork: network => {
      delete read.networks;
      page.addNetwork(network);
    },
    removeNetwork: name => {
      delete read.networks;
      page.removeNetwork(name);
    },
    addLease: lease => {
      delete read.leases;
      page.addLease(lease);
    },
    removeLease: lease => {
      delete read.leases;
      page.removeLease(lease);
    },
  };
}

function readNetwork(row: Row): BridgeNetwork {
  const [six, keeper] = [row['subnet6'], row['keeper']];
  const gateways = String(row['gateways']).split(' ').filter(Boolean).map(readIp);
  return {
    name: String(row['name']),
    bridge: String(row['bridge']),
    subnet4: parseSubnet(String(row['subnet4'])),
    subnet6: typeof six === 'string' ? parseSubnet(six) : undefined,
    mtu: Number(row['mtu']),
    ...(gateways.length > 0 && { gateways }),
    ...(row['internal'] === 1 && { internal: true }),
    ...(typeof keeper === 'string' && { keeper }),
  };
}

function readIp(text: string): Ip {
  const ip = parseIp(text);
  if (ip === undefined) throw new Error(`the book of leases says ${text}`);
  return ip;
}

function readLease(row: Row): Lease {
  const { pid, started, engine, ip6 } = row;
  return {
    network: String(row['network']),
    ip: readIp(String(row['ip'])),
    ...(typeof ip6 === 'string' && { ip6: readIp(ip6) }),
    owner:
      typeof engine === 'string'
        ? { engine }
        : { pid: Number(pid), started: Number(started) },
    container: String(row['container']),
    names: JSON.parse(String(row['names'])),
    ports: JSON.parse(String(row['ports']), asNumbers),
  };
}

/** Addresses are written as text: JSON knows no numbers of 128 bits. */
function asText(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? `n${value}` : value;
}

function asNumbers(_: string, value: unknown): unknown {
  return typeof value === 'string' && /^n\d+$/.test(value)
    ? BigInt(value.slice(1))
    : value;
}
// As made: 61ddffd6
