// The networks of the engine, and the containers in them.
//
// - `Networks.open(options)`: bridge, host and none are there; bridges stand
// - `.plan`, `.allocate`, `.settings`, `.release`, `.renamed`, `.unlinked`, `.restore`: for a
//   container's life, as driver.ts tells it
// - `.create`, `.list`, `.inspect`, `.remove`, `.prune`, `.connect`, `.disconnect`: for users
//
// Everything here is synchronous: a start talks to the kernel for a few milliseconds, over sockets
// that are open as long as the daemon runs. What is kept: the networks (the engine's database) and
// the leases (the host's book). All else is computed.

import { newNetwork, type OpenNetwork } from '@slipway/native';
import { conflict, invalid, notFound, Refusal } from '../engine/refusal.ts';
import type { Filters } from '../api/filters.ts';
import { valuesOf, hasLabels } from '../api/filters.ts';
import type { Moment } from '../api/moments.ts';
import { parseMoment } from '../api/moments.ts';
import type { Database } from '../graph/database.ts';
import { Spares } from '../engine/spares.ts';
import { openHost, raiseLoopback, parseIp } from '../libcontainer/network.ts';
import { readBridgeOptions } from './bridge/options.ts';
import { Catalogue } from './network/catalogue.ts';
import { refuseMembers } from './network/configuration.ts';
import type { CreateNetwork, NetworkDefaults } from './network/create.ts';
import type { DefaultBridge } from './network/default-bridge.ts';
import type { AllocatedNetwork, ContainersOnNetworks, NetworkedContainer } from './driver.ts';
import { allocate } from './endpoint/allocate.ts';
import { connectRunning, disconnectRunning } from './endpoint/change.ts';
import { setIpv6 } from './sandbox/ipv6.ts';
import { dnsNames } from './endpoint/identity.ts';
import { settingsOf } from './endpoint/inspect.ts';
import { release } from './endpoint/leave.ts';
import { linkVariables, unlink } from './endpoint/links.ts';
import { refuseMixture, refuseShared } from './endpoint/mixture.ts';
import { planNetworks, type NetworkingRequest } from './endpoint/plan.ts';
import { restore } from './endpoint/restore.ts';
import { refuseEndpoint } from './endpoint/validate.ts';
import { Leases } from './ipam/leases.ts';
import { tell, type NetworkEvents, type Parts, type Place } from './parts.ts';
import { isPredefined, type NetworkRecord } from './network/record.ts';
import type { AskedEndpoint, NetworkSettings } from './settings.ts';
import { isWanted, membersOf, shownNetwork, type ShownNetwork } from './network/shown.ts';

export interface NetworksOptions {
  readonly database: Database;
  /** The folder of the engine's data: what it makes on the host is written down under this name. */
  readonly engine: string;
  /** Where the host's book of leases is; default: where everybody's is. */
  readonly bookFolder?: string;
  readonly containers: ContainersOnNetworks;
  readonly events: NetworkEvents;
  readonly log: (message: string) => void;
  /** Now, as RFC 3339 with nanoseconds. */
  readonly now: () => string;
  readonly bridge?: DefaultBridge;
  readonly defaults?: NetworkDefaults;
  readonly dns?: Parts['dns'];
  /** What `host-gateway` stands for; default: the bridge's own address. */
  readonly hostGateway?: string | undefined;
}

/** The kernel makes one when it has taken down what went before, which may take it 20 ms. */
const spareNamespaces = 3;

export class Networks implements Disposable {
  readonly #parts: Parts;

  private constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** @throws SyscallError without the right to talk to the kernel about its network */
  static open(options: NetworksOptions): Networks {
    const { database, engine, bookFolder: folder, containers, events, log, now } = options;
    const host = openHost({ ledger: false, ...(folder !== undefined && { folder }) });
    const { bridge = {}, defaults = {} } = options;
    readBridgeOptions(defaults.options?.['bridge'] ?? {});
    const ground = { host, database, engine, now, log, bridge, defaults };
    const catalogue = new Catalogue(ground);
    catalogue.prepare();
    const leases = new Leases(host, engine);
    const { dns = { servers: [], search: [], options: [] } } = options;
    const sandboxes = new Map<string, never>();
    const namespaces = new Spares<OpenNetwork>({
      make: emptyNetwork,
      drop: one => one[Symbol.dispose](),
      most: spareNamespaces,
    });
    const hostGateway =
      options.hostGateway === undefined ? undefined : parseIp(options.hostGateway);
    const around = { containers, events, log, sandboxes, namespaces, dns, hostGateway };
    return new Networks({ host, catalogue, leases, ...around });
  }

  /** To be called once, when the containers are known. */
  restore(): void {
    restore(this.#parts);
  }

  /** @throws Refusal INVALID; a network that is not there is refused at the start */
  plan(request: NetworkingRequest): Readonly<Record<string, AskedEndpoint>> {
    return planNetworks(request, reference => this.#parts.catalogue.look(reference));
  }

  /** @throws Refusal; then nothing is held */
  allocate(container: NetworkedContainer): AllocatedNetwork {
    return allocate(this.#parts, container);
  }

  settings(container: NetworkedContainer): NetworkSettings {
    return settingsOf(container, this.#parts);
  }

  /** @throws Refusal CONFLICT for one that does not run, NOT_FOUND */
  linkVariables(container: NetworkedContainer): readonly string[] {
    return linkVariables(this.#parts, container);
  }

  release(container: { readonly id: string }): void {
    release(this.#parts, container);
  }

  /** Its neighbours call it by its new name from now on. */
  renamed(container: NetworkedContainer): void {
    const { leases, catalogue } = this.#parts;
    for (const lease of leases.of(container.id)) {
      const record = catalogue.look(lease.network);
      const asked = record && container.networks[record.name];
      if (asked) leases.rename(lease, dnsNames(container, asked));
    }
  }

  /** It no longer has this name for another. */
  unlinked(container: NetworkedContainer, alias: string): void {
    unlink(this.#parts, container, alias);
  }

  create(request: CreateNetwork): NetworkRecord {
    const record = this.#parts.catalogue.create(request);
    tell(this.#parts, 'create', record);
    return record;
  }

  /** Without those who are in them, since version 1.28. */
  list(filters: Filters, minor: number): readonly ShownNetwork[] {
    return this.#parts.catalogue
      .all()
      .filter(record => isWanted(record, filters, one => this.#isUsed(one)))
      .map(record => {
        const members = minor < 28 ? membersOf(record, this.#parts) : {};
        return shownNetwork(record, members, minor);
      });
  }

  /** @throws Refusal NOT_FOUND */
  inspect(reference: string, minor: number): ShownNetwork {
    const record = this.#parts.catalogue.find(reference);
    return shownNetwork(record, membersOf(record, this.#parts), minor);
  }

  /** @throws Refusal FORBIDDEN for one that is in use or always there, NOT_FOUND */
  remove(reference: string): void {
    const record = this.#parts.catalogue.find(reference);
    const { name, id } = record;
    if (isPredefined(name)) {
      const why = `${name} is a pre-defined network and cannot be removed`;
      throw new Refusal('FORBIDDEN', why);
    }
    if (record.configOnly && this.#parts.catalogue.all().some(one => one.configFrom === name)) {
      const why = `configuration network "${name}" is in use`;
      throw new Refusal('FORBIDDEN', `error while removing network: ${why}`);
    }
    if (this.#isUsed(record)) {
      const why = `network ${name} id ${id} has active endpoints`;
      throw new Refusal('FORBIDDEN', `error while removing network: ${why}`);
    }
    this.#parts.catalogue.remove(record);
    tell(this.#parts, 'destroy', record);
  }

  #isUsed({ id }: NetworkRecord): boolean {
    return this.#parts.leases.in(id).length > 0;
  }

  /** The names of those that nobody is in and that the filters let through. */
  prune(filters: Filters): readonly string[] {
    const until = readUntil(filters);
    const unused = this.#parts.catalogue
      .all()
      .filter(
        one => !isPredefined(one.name) && !this.#isUsed(one) && isPruned(one, filters, until),
      );
    for (const { id } of unused) this.remove(id);
    this.#parts.events.emit('network', 'prune', '', { reclaimed: '0' });
    return unused.map(({ name }) => name);
  }

  /** A stopped container may be in a network that will come. @throws Refusal */
  connect(reference: string, containerReference: string, asked: AskedEndpoint): void {
    const { containers, catalogue } = this.#parts;
    const container = containers.find(containerReference);
    const isRunning = container.state.pid > 0;
    if (isRunning) refuseShared(container);
    const record = isRunning ? catalogue.find(reference) : catalogue.look(reference);
    const name = record?.name ?? reference;
    const keep = (networkId: string): void => {
      const networks = { ...container.networks, [name]: { ...asked, NetworkID: networkId } };
      containers.setNetworks(container.id, networks);
    };
    if (record === undefined) return keep('');
    refuseEndpoint(name, asked, record);
    if (isRunning) refuseMembers(record);
    refuseMixture(container, record, other => catalogue.look(other));
    const isIn = Object.hasOwn(container.networks, name);
    if (isIn && isRunning) {
      const why = `endpoint with name ${container.name} already exists in network ${name}`;
      throw new Refusal('FORBIDDEN', why);
    }
    if (isIn) return;
    if (!isRunning) return keep('');
    const place: Place = { name, record, asked: { ...asked, NetworkID: record.id } };
    connectRunning(this.#parts, container, place);
    keep(record.id);
  }

  /** @throws Refusal */
  disconnect(reference: string, containerReference: string, isForced: boolean): void {
    const { containers, catalogue } = this.#parts;
    const container = this.#leaving(reference, containerReference, isForced);
    const record = catalogue.look(reference);
    const name = record?.name ?? reference;
    const isRunning = container.state.pid > 0 && !(record === undefined && isForced);
    if (isRunning && record === undefined) catalogue.find(reference);
    if (isRunning && container.hostConfig.NetworkMode === 'host' && record?.driver === 'host') {
      throw invalid(
        'container cannot be disconnected from host network or connected to host network',
      );
    }
    if (!Object.hasOwn(container.networks, name)) {
      const network = isRunning ? `network ${name}` : `the network ${name}`;
      throw conflict(`container ${container.id} is not connected to ${network}`);
    }
    if (isRunning && record) disconnectRunning(this.#parts, container, record);
    const { [name]: _, ...others } = container.networks;
    containers.setNetworks(container.id, others);
    if (record) tell(this.#parts, 'disconnect', record, container.id);
  }

  /** By force an endpoint without a container is meant: those there are none here. */
  #leaving(reference: string, container: string, isForced: boolean): NetworkedContainer {
    try {
      return this.#parts.containers.find(container);
    } catch (error) {
      if (!isForced || !(error instanceof Refusal) || error.code !== 'NOT_FOUND') throw error;
      this.#parts.catalogue.find(reference);
      throw notFound(`endpoint ${container} not found`);
    }
  }

  /** For an orderly end: what nobody is in is taken down; what containers use stays. */
  close(): void {
    this.#parts.catalogue.lowerAll();
    this[Symbol.dispose]();
  }

  [Symbol.dispose](): void {
    for (const sandbox of this.#parts.sandboxes.values()) sandbox[Symbol.dispose]();
    this.#parts.sandboxes.clear();
    void this.#parts.namespaces.close();
    this.#parts.host[Symbol.dispose]();
  }
}

async function emptyNetwork(): Promise<OpenNetwork> {
  const network = await newNetwork();
  raiseLoopback(network);
  setIpv6(network, 'default', false);
  return network;
}

function readUntil(filters: Filters): Moment | undefined {
  const [text, ...more] = valuesOf(filters, 'until');
  if (text === undefined) return undefined;
  if (more.length > 0) throw invalid('more than one until filter specified');
  const until = parseMoment(text);
  if (until === undefined)
    throw invalid(`failed to parse value as time or duration: ${JSON.stringify(text)}`);
  return until;
}

function isPruned(
  { labels, created, configOnly }: NetworkRecord,
  filters: Filters,
  until: Moment | undefined,
): boolean {
  if (configOnly) return false;
  const isOld = until === undefined || (parseMoment(created) ?? 0n) <= until;
  const refused = valuesOf(filters, 'label!').length > 0 && hasLabels(filters, 'label!', labels);
  return isOld && hasLabels(filters, 'label', labels) && !refused;
}
