// What one start of a container gets of its networks.
//
// - `allocate(parts, container)`: addresses, ports, files, and how it is connected
//
//   host        the host's namespace and files
//   container:  another container's namespace, and its very files
//   none        a namespace of its own with `lo` alone
//   bridges     such a one, and a cable into each; names from the embedded name server
//
// All that can be refused is refused before the program runs. If something fails here nothing of it
// stays; what fails later is given back by `release`.

import { existsSync } from 'node:fs';
import { openPidfd, type OpenNetwork } from '@slipway/native';
import { conflict, invalid } from '../../engine/refusal.ts';
import {
  addressesOf,
  gatewaysOf,
  type Ip,
  type Lease,
  type Network,
  formatIp,
} from '../../libcontainer/network.ts';
import type { AllocatedNetwork, NetworkedContainer } from '../driver.ts';
import { hostTexts, textsFor } from '../files/texts.ts';
import { filesIn, writeFiles } from '../files/write.ts';
import { gatewayAmong, sandboxOf, type Parts, type Place } from '../parts.ts';
import { publishedFor, reserve } from '../ports/published.ts';
import { refuseMembers } from '../network/configuration.ts';
import { portWishes } from '../ports/wishes.ts';
import { readBridgeOptions } from '../bridge/options.ts';
import { isPredefined } from '../network/record.ts';
import { dnsNames, endpointId } from './identity.ts';
import { connectAll, type Joined } from './join.ts';
import { bornWith } from '../sandbox/ipv6.ts';
import { linkEnvironment, linkLine, linksOf, tellLinked } from './links.ts';
import { refuseEndpoint, wantedAddresses } from './validate.ts';

export function allocate(parts: Parts, container: NetworkedContainer): AllocatedNetwork {
  const { NetworkMode: mode } = container.hostConfig;
  if (mode.startsWith('container:')) return inAnother(parts, container, mode.slice(10));
  const places = placesOf(parts, container);
  if (places.some(({ record }) => record.driver === 'host')) {
    const files = writeFiles(folderOf(parts, container), hostTexts(container, surely(parts)));
    return allocated({ mode: 'host' }, files, places);
  }
  const joined = take(parts, container, places);
  try {
    return connected(parts, container, places, joined);
  } catch (error) {
    parts.leases.giveBack(joined.map(({ lease }) => lease));
    dispose(parts, container.id);
    throw error;
  }
}

function connected(
  parts: Parts,
  container: NetworkedContainer,
  places: readonly Place[],
  joined: readonly Joined[],
): AllocatedNetwork {
  const ips = joined.flatMap(({ lease, network }) => addressesOf({ ...lease, network }));
  const mode = joined.some(({ record }) => !isPredefined(record.name)) ? 'own' : 'plain';
  const links = linksOf(parts, container);
  const onBridge = joined.find(({ record }) => record.name === 'bridge');
  if (onBridge) tellLinked(parts, container.id, formatIp(onBridge.lease.ip));
  const texts = textsFor(container, { mode, ips, links: links.map(linkLine), ...surely(parts) });
  const files = writeFiles(folderOf(parts, container), texts.files);
  const servers = mode === 'own' ? texts.asked : undefined;
  let namespace: OpenNetwork | undefined;
  return {
    files,
    environment: links.flatMap(link => linkEnvironment(container, link)),
    sysctls: bornWith(),
    networks: askedOf(places),
    open: async () => {
      namespace = await parts.namespaces.take();
      return { mode: 'prepared', namespace: namespace.descriptor };
    },
    connect: () => {
      if (namespace) connectAll(parts, container, joined, { namespace, servers });
    },
    [Symbol.dispose]: () => namespace?.[Symbol.dispose](),
  };
}

const nothingHeld = (): void => undefined;

function allocated(
  network: Network,
  files: ReadonlyMap<string, string>,
  places: readonly Place[],
): AllocatedNetwork {
  const open = () => Promise.resolve(network);
  const networks = askedOf(places);
  return { open, files, networks, environment: [], sysctls: {}, [Symbol.dispose]: nothingHeld };
}

/** By the network's name, and with its id now. */
function askedOf(places: readonly Place[]): AllocatedNetwork['networks'] {
  return Object.fromEntries(
    places.map(({ name, record, asked }) => [name, { ...asked, NetworkID: record.id }] as const),
  );
}

function inAnother(
  { containers }: Parts,
  container: NetworkedContainer,
  reference: string,
): AllocatedNetwork {
  const other = containers.find(reference);
  if (other.id === container.id) throw invalid('cannot join own network');
  if (other.state.pid === 0)
    throw conflict(`cannot join network of a non running container: ${other.id}`);
  const pidfd = openPidfd(other.state.pid);
  const network = { mode: 'container', pidfd: pidfd.descriptor } as const;
  const files = [...filesIn(containers.folderOf(networkOwner(containers, other).id))];
  return {
    ...allocated(network, new Map(files.filter(([, path]) => existsSync(path))), []),
    [Symbol.dispose]: () => pidfd[Symbol.dispose](),
  };
}

/** Whose namespace it is, if that one has joined another's, too. */
function networkOwner(
  containers: Parts['containers'],
  container: NetworkedContainer,
): NetworkedContainer {
  const { NetworkMode: mode } = container.hostConfig;
  return mode.startsWith('container:')
    ? networkOwner(containers, containers.find(mode.slice(10)))
    : container;
}

/** @throws Refusal NOT_FOUND for a network that is gone, by the id that it had if it ran in it */
function placesOf({ catalogue }: Parts, { networks }: NetworkedContainer): readonly Place[] {
  return Object.entries(networks).map(([name, asked]) => {
    const record = catalogue.find(asked.NetworkID || name);
    refuseEndpoint(record.name, asked, record);
    refuseMembers(record);
    return { name, record, asked };
  });
}

/** The one by which all else is reached is the first link. */
function take(
  parts: Parts,
  container: NetworkedContainer,
  places: readonly Place[],
): readonly Joined[] {
  const { catalogue, leases } = parts;
  leases.giveBack(leases.of(container.id));
  const bridges = places.filter(({ record }) => record.driver === 'bridge');
  const gateway = gatewayAmong(bridges);
  const published = gateway && publishAt(parts, container, gateway);
  const ordered = bridges.toSorted((a, b) => Number(b === gateway) - Number(a === gateway));
  const taken = takeLeases(parts, container, ordered, gateway, published);
  return ordered.flatMap((place, index) => {
    const lease = taken[index];
    if (lease === undefined) return [];
    const network = catalogue.network(place.record);
    const { devicePrefix } = readBridgeOptions(place.record.options);
    const routes = place === gateway ? gatewaysOf(network) : [];
    return [{ ...place, lease, network, device: `${devicePrefix}${index}`, routes }];
  });
}

type Published = (addresses: readonly Ip[]) => ReturnType<typeof publishedFor>;

function takeLeases(
  parts: Parts,
  container: NetworkedContainer,
  places: readonly Place[],
  gateway: Place | undefined,
  published: Published | undefined,
): readonly Lease[] {
  try {
    return parts.leases.take(
      places.map(place => ({
        container: container.id,
        record: place.record,
        network: parts.catalogue.network(place.record),
        ...wantedAddresses(place.asked),
        names: dnsNames(container, place.asked),
        ...(place === gateway && published && { published }),
      })),
    );
  } catch (error) {
    dispose(parts, container.id);
    throw error;
  }
}

/** Reserves the ports; where they lead is known with the address. */
export function publishAt(
  parts: Parts,
  container: NetworkedContainer,
  { record }: Pick<Place, 'record'>,
): Published | undefined {
  const { hostBinding } = readBridgeOptions(record.options);
  const isEverywhere = hostBinding === '0.0.0.0' && isPredefined(record.name);
  const wishes = portWishes(container, isEverywhere ? '' : hostBinding);
  if (wishes.length === 0) return undefined;
  const reserved = reserve(wishes, {
    endpoint: endpointId(container.id, record.id),
    name: container.name,
    others: () => parts.leases.all().flatMap(({ ports }) => ports),
  });
  return addresses => {
    const target = addresses[1] ?? addresses[0];
    if (target) sandboxOf(parts, container.id).holdPorts([reserved], target);
    return publishedFor(reserved.ports, addresses);
  };
}

function dispose({ sandboxes }: Parts, id: string): void {
  sandboxes.get(id)?.[Symbol.dispose]();
  sandboxes.delete(id);
}

function folderOf({ containers }: Parts, { id }: NetworkedContainer): string {
  return containers.folderOf(id);
}

/** `host-gateway` is what the operator says, or the bridge's address: the host, from inside. */
function surely({ catalogue, dns, hostGateway }: Parts) {
  const gateway = (): Ip | undefined => {
    if (hostGateway !== undefined) return hostGateway;
    const bridge = catalogue.look('bridge');
    return bridge && gatewaysOf(catalogue.network(bridge))[0];
  };
  return { gateway, dns };
}
