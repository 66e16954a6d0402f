// The networks of this engine, as they are kept and as they stand on the host.
//
// - `new Catalogue(ground)`, `.prepare()`: bridge, host and none are there, and all is raised
// - `.find(reference)`, `.all()`: by name, id or the beginning of an id
// - `.create(request)`, `.remove(record)`
// - `.network(record)`, `.raise(record)`: the chapter's network, made again where it is missing
// - `.lowerAll()`: what nobody is in any more goes, when the engine is shut down
//
// A bridge stands as long as its network is kept: from the daemon's start, or its creation, on.

import { invalid, notFound } from '../../engine/refusal.ts';
import type { Database } from '../../graph/database.ts';
import {
  findLink,
  formatIp,
  formatSubnet,
  lowerIdle,
  lowerNetwork,
  mtuOfWayOut,
  parseIp,
  parseSubnet,
  raiseNetwork,
  subnetsInUse,
  type BridgeNetwork,
  type NetworkHost,
  type Subnet,
} from '../../libcontainer/network.ts';
import { newRecord, refuseRequest, type CreateNetwork, type NetworkDefaults } from './create.ts';
import { defaultBridge, type DefaultBridge } from './default-bridge.ts';
import { freePool } from '../ipam/pools.ts';
import { subnetOf } from '../ipam/validate.ts';
import { networkRecordSchema, newNetworkId, type NetworkRecord } from './record.ts';

export interface Ground {
  readonly host: NetworkHost;
  readonly database: Database;
  /** The folder of this engine's data: whose networks and leases they are, in the host's book. */
  readonly engine: string;
  /** Now, as RFC 3339 with nanoseconds. */
  readonly now: () => string;
  readonly log: (message: string) => void;
  readonly bridge: DefaultBridge;
  readonly defaults: NetworkDefaults;
}

export class Catalogue {
  readonly #ground: Ground;
  readonly #table: ReturnType<typeof openTable>;
  readonly #records = new Map<string, NetworkRecord>();

  constructor(ground: Ground) {
    this.#ground = ground;
    this.#table = openTable(ground.database);
    for (const [id, record] of this.#table.all()) this.#records.set(id, record);
  }

  all(): readonly NetworkRecord[] {
    return [...this.#records.values()];
  }

  /** Undefined if there is none, or more than one begins so. */
  look(reference: string): NetworkRecord | undefined {
    const exact = this.#records.get(reference) ?? this.#named(reference);
    if (exact !== undefined) return exact;
    const begun = this.#beginning(reference);
    return begun.length === 1 ? begun[0] : undefined;
  }

  /** @throws Refusal NOT_FOUND, INVALID for an ambiguous one */
  find(reference: string): NetworkRecord {
    const found = this.look(reference);
    if (found !== undefined) return found;
    const count = this.#beginning(reference).length;
    if (count < 2) throw notFound(`network ${reference} not found`);
    const why = `${count} matches found based on ID prefix`;
    throw invalid(`network ${reference} is ambiguous (${why})`);
  }

  #named(name: string): NetworkRecord | undefined {
    return this.all().find(record => record.name === name);
  }

  #beginning(text: string): readonly NetworkRecord[] {
    return text === '' ? [] : this.all().filter(({ id }) => id.startsWith(text));
  }

  /** @throws Refusal; then nothing is made */
  create(request: CreateNetwork): NetworkRecord {
    refuseRequest(request);
    const { host, now, defaults } = this.#ground;
    const record = newRecord(request, {
      defaults,
      records: this.all(),
      inUse: subnetsInUse(host, host.book.page),
      created: now(),
      mtu: mtuOfWayOut(host),
      ipv6For: ownSubnet6,
    });
    refuseLink(host, record);
    this.raise(record);
    this.#keep(record);
    return record;
  }

  remove(record: NetworkRecord): void {
    const { host } = this.#ground;
    this.#forget(record);
    host.book.transaction(page => {
      const known = page.networks().find(({ name }) => name === record.id);
      if (known) lowerNetwork(host, page, known);
    });
  }

  #keep(record: NetworkRecord): void {
    this.#table.put(record.id, record);
    this.#records.set(record.id, record);
  }

  /** What cannot be made now is said, and tried again when a container needs it. */
  prepare(): void {
    this.#addPredefined();
    this.#forgetUnknown();
    for (const record of this.all()) {
      try {
        this.raise(record);
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        this.#ground.log(`the network ${record.name} cannot be made: ${why}`);
      }
    }
  }

  /**
   * Made on the host by a daemon that was killed before it was kept, or removed only here; or it
   * is another now, and nobody is in it.
   */
  #forgetUnknown(): void {
    const { host, engine } = this.#ground;
    host.book.transaction(page => {
      const busy = new Set(page.leases().map(({ network }) => network));
      for (const network of page.networks()) {
        const record = this.#records.get(network.name);
        if (network.keeper !== engine) continue;
        if (record && (busy.has(network.name) || this.#isAs(record, network))) continue;
        lowerNetwork(host, page, network);
      }
      lowerIdle(host, page);
    });
  }

  #isAs(record: NetworkRecord, { bridge, subnet4, mtu, gateways = [] }: BridgeNetwork): boolean {
    const now = this.network(record);
    return (
      now.bridge === bridge &&
      now.mtu === mtu &&
      formatSubnet(now.subnet4) === formatSubnet(subnet4) &&
      now.gateways?.map(formatIp).join() === gateways.map(formatIp).join()
    );
  }

  raise(record: NetworkRecord): void {
    if (record.driver !== 'bridge') return;
    const { host } = this.#ground;
    host.book.transaction(page => raiseNetwork(host, page, this.network(record)));
  }

  /** @throws Error for a network that is no bridge */
  network({ id, ipam, bridge, mtu, internal, enableIpv6 }: NetworkRecord): BridgeNetwork {
    const subnet4 = subnetOf(ipam.config, 4);
    if (subnet4 === undefined) throw new Error(`the network ${id} has no IPv4 subnet`);
    const subnet6 = enableIpv6 ? subnetOf(ipam.config, 6) : undefined;
    const gateways = ipam.config.flatMap(({ Gateway }) => parseIp(Gateway ?? '') ?? []);
    const { engine: keeper } = this.#ground;
    return { name: id, bridge, subnet4, subnet6, mtu, gateways, internal, keeper };
  }

  /** Of those that nobody is in; a container that goes on keeps its bridge. */
  lowerAll(): void {
    const { host, engine } = this.#ground;
    host.book.transaction(page => {
      const busy = new Set(page.leases().map(({ network }) => network));
      for (const network of page.networks()) {
        if (network.keeper === engine && !busy.has(network.name)) lowerNetwork(host, page, network);
      }
      lowerIdle(host, page);
    });
  }

  #addPredefined(): void {
    const created = this.#ground.now();
    for (const name of ['host', 'none'] as const) {
      if (this.#named(name) === undefined) this.#keep(predefined(name, created));
    }
    const known = this.#named('bridge');
    const wanted = this.#wantedBridge(known, created);
    if (JSON.stringify(wanted) === JSON.stringify(known)) return;
    if (wanted !== undefined) this.#keep(wanted);
    else if (known !== undefined) this.#forget(known);
  }

  #forget({ id }: NetworkRecord): void {
    this.#table.remove(id);
    this.#records.delete(id);
  }

  #wantedBridge(known: NetworkRecord | undefined, now: string): NetworkRecord | undefined {
    const { host, engine, bridge, defaults } = this.#ground;
    const others = host.book.page.networks().filter(({ keeper }) => keeper !== engine);
    return defaultBridge(host, bridge, known, {
      freePool: () => freePool(subnetsInUse(host, host.book.page), defaults.pools),
      ipv6For: ownSubnet6,
      mtu: () => mtuOfWayOut(host),
      taken: new Set(others.map(one => one.bridge)),
      now,
    });
  }
}

/** A link that somebody else has made is used if it is a bridge, and never touched otherwise. */
function refuseLink({ route }: NetworkHost, { bridge }: NetworkRecord): void {
  const link = findLink(route, bridge);
  if (link && link.kind !== 'bridge') throw invalid(`existing interface ${bridge} is not a bridge`);
}

function openTable(database: Database) {
  return database.table('networks', networkRecordSchema);
}

function predefined(name: 'host' | 'none', created: string): NetworkRecord {
  return {
    ...{ version: 1, id: newNetworkId(), name, created, bridge: '', mtu: 0 },
    driver: name === 'host' ? 'host' : 'null',
    ...{ internal: false, attachable: false, enableIpv6: false, options: {}, labels: {} },
    ipam: { driver: 'default', options: null, config: [] },
    chosen: { four: false, six: false },
  };
}

/** Below a prefix of our own (RFC 4193), the subnet's first IPv4 address. */
function ownSubnet6({ base }: Subnet): Subnet {
  return parseSubnet(
    `${formatIp({ version: 6, value: (0xfd53_6c69n << 96n) | (base << 64n) })}/64`,
  );
}
