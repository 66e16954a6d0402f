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
  formatIp,
  formatSubnet,
  gatewaysOf,
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
import { newRecord, refuseRequest, type CreateNetwork } from './create.ts';
import { freePool } from '../ipam/pools.ts';
import { readBlock, subnetOf } from '../ipam/validate.ts';
import {
  networkRecordSchema,
  newNetworkId,
  type IpamConfig,
  type NetworkRecord,
} from './record.ts';

export interface Ground {
  readonly host: NetworkHost;
  readonly database: Database;
  /** The folder of this engine's data: whose networks and leases they are, in the host's book. */
  readonly engine: string;
  /** Now, as RFC 3339 with nanoseconds. */
  readonly now: () => string;
  readonly log: (message: string) => void;
  /** Address and subnet of the default bridge: `192.168.1.1/24`. */
  readonly bip?: string;
  /** Of the default bridge; without it, that of the host's way out. */
  readonly mtu?: number;
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
    const { host, now } = this.#ground;
    const record = newRecord(request, {
      records: this.all(),
      inUse: subnetsInUse(host, host.book.page),
      created: now(),
      mtu: mtuOfWayOut(host),
      ipv6For: ownSubnet6,
    });
    this.raise(record);
    this.#keep(record);
    return record;
  }

  remove(record: NetworkRecord): void {
    const { host } = this.#ground;
    this.#table.remove(record.id);
    this.#records.delete(record.id);
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

  /** Made on the host by a daemon that was killed before it was kept, or removed only here. */
  #forgetUnknown(): void {
    const { host, engine } = this.#ground;
    host.book.transaction(page => {
      for (const network of page.networks()) {
        if (network.keeper !== engine || this.#records.has(network.name)) continue;
        lowerNetwork(host, page, network);
      }
      lowerIdle(host, page);
    });
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
    const { now, bip, mtu } = this.#ground;
    const created = now();
    for (const name of ['host', 'none'] as const) {
      if (this.#named(name) === undefined) this.#keep(predefined(name, created));
    }
    const known = this.#named('bridge');
    const isOther =
      known === undefined ||
      (bip !== undefined && configOf(bip) !== textOf(known)) ||
      (mtu !== undefined && mtu !== known.mtu);
    if (isOther) {
      this.#keep(this.#defaultBridge(known, created));
    }
  }

  /** As the daemon's flags want it; what they leave open stays as it is known. */
  #defaultBridge(known: NetworkRecord | undefined, now: string): NetworkRecord {
    const { host, bip, mtu = known?.mtu ?? mtuOfWayOut(host) } = this.#ground;
    const { id = newNetworkId(), created = now, bridge = this.#freeBridgeName() } = known ?? {};
    const ask = (): IpamConfig => automatic(freePool(subnetsInUse(host, host.book.page)));
    const config = bip === undefined ? (known?.ipam.config[0] ?? ask()) : readBip(bip);
    return {
      ...{ version: 1, id, name: 'bridge', created, driver: 'bridge', bridge, mtu },
      ...{ internal: false, attachable: false, enableIpv6: false, labels: {} },
      ipam: { driver: 'default', options: null, config: [config] },
      chosen: { four: false, six: false },
      options: {
        'com.docker.network.bridge.default_bridge': 'true',
        'com.docker.network.bridge.enable_icc': 'true',
        'com.docker.network.bridge.enable_ip_masquerade': 'true',
        'com.docker.network.bridge.host_binding_ipv4': '0.0.0.0',
        'com.docker.network.bridge.name': bridge,
        'com.docker.network.driver.mtu': String(mtu),
      },
    };
  }

  /** `slipway0`, unless another engine on this host has it. */
  #freeBridgeName(): string {
    const { host, engine } = this.#ground;
    const others = host.book.page.networks().filter(({ keeper }) => keeper !== engine);
    const taken = new Set(others.map(({ bridge }) => bridge));
    const free = Array.from({ length: 100 }, (_, index) => `slipway${index}`);
    return free.find(name => !taken.has(name)) ?? 'slipway0';
  }
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

function automatic(subnet4: Subnet): IpamConfig {
  const [gateway] = gatewaysOf({ subnet4, subnet6: undefined });
  return { Subnet: formatSubnet(subnet4), ...(gateway && { Gateway: formatIp(gateway) }) };
}

/** @throws Refusal INVALID */
function readBip(text: string): IpamConfig {
  const block = readBlock(text);
  const [address = ''] = text.split('/');
  if (block === undefined || block.subnet.version !== 4 || block.exact)
    throw invalid(`--bip ${text}: write the bridge's address and its subnet, as in 192.168.1.1/24`);
  return { Subnet: formatSubnet(block.subnet), Gateway: address };
}

const configOf = (bip: string): string => JSON.stringify(readBip(bip));
const textOf = ({ ipam }: NetworkRecord): string => JSON.stringify(ipam.config[0]);

/** Below a prefix of our own (RFC 4193), the subnet's first IPv4 address. */
function ownSubnet6({ base }: Subnet): Subnet {
  return parseSubnet(
    `${formatIp({ version: 6, value: (0xfd53_6c69n << 96n) | (base << 64n) })}/64`,
  );
}
