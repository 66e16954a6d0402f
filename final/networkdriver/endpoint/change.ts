// Networks of a container that runs: one more, or one less.
//
// - `connectRunning(parts, container, place)`: a cable into its namespace, a line in its files
// - `disconnectRunning(parts, container, record)`: the cable is taken away
//
// Both look into the namespace instead of trusting what was written down: a link is found by its
// hardware address and a name is chosen that nobody has in there. If the network that led to
// everything else is left, the next one takes over, and with it what is published.

import type { Netlink } from '@slipway/native';
import {
  addressesOf,
  deleteLink,
  formatIp,
  formatMac,
  gatewaysOf,
  listLinks,
  listRoutes,
  macOf,
  newDefaultRoute,
  openNetwork,
  type Lease,
} from '../../libcontainer/network.ts';
import { readBridgeOptions } from '../bridge/options.ts';
import type { NetworkedContainer } from '../driver.ts';
import { showLine } from '../files/hosts.ts';
import { textsFor } from '../files/texts.ts';
import { isUntouched, rewrite } from '../files/write.ts';
import { gatewayAmong, sandboxOf, tell, type Parts, type Place } from '../parts.ts';
import { isPredefined, type NetworkRecord } from '../network/record.ts';
import { publishAt } from './allocate.ts';
import { dnsNames } from './identity.ts';
import { connectOne, publishIn, serveNamesTo } from './join.ts';
import { setIpv6 } from '../sandbox/ipv6.ts';
import { removeCable, withdraw } from './leave.ts';
import { wantedAddresses } from './validate.ts';

export function connectRunning(parts: Parts, container: NetworkedContainer, place: Place): void {
  const { leases, catalogue } = parts;
  const { record, asked } = place;
  const network = catalogue.network(record);
  const isGateway = gatewayAmong([place]) !== undefined && !hasWayOut(container.state.pid);
  const published = isGateway ? publishAt(parts, container, place) : undefined;
  const [lease] = leases.take([
    {
      ...{ container: container.id, record, network, ...wantedAddresses(asked) },
      names: dnsNames(container, asked),
      ...(published && { published }),
    },
  ]);
  if (lease === undefined) return;
  const routes = isGateway ? gatewaysOf(network) : [];
  const device = freeDevice(container.state.pid, readBridgeOptions(record.options).devicePrefix);
  try {
    using joinedTo = openNetwork(container.state.pid);
    connectOne(parts, container.id, { ...place, lease, network, device, routes }, joinedTo);
    if (network.subnet6 === undefined) setIpv6(joinedTo, device, false);
  } catch (error) {
    withdraw(parts.host, lease.ports);
    removeCable(parts.host, sandboxOf(parts, container.id).cables.get(record.id) ?? '');
    leases.giveBack([lease]);
    throw error;
  }
  addToFiles(parts, container, place, lease);
  tell(parts, 'connect', record, container.id);
}

/** The networks that it has a lease in. */
function placesNow(
  { leases, catalogue }: Parts,
  { id, networks }: NetworkedContainer,
): readonly (Place & { readonly lease: Lease })[] {
  return leases.of(id).flatMap(lease => {
    const record = catalogue.look(lease.network);
    const asked = record && networks[record.name];
    return record && asked ? [{ name: record.name, record, asked, lease }] : [];
  });
}

function inside<T>(pid: number, body: (netlink: Netlink) => T): T {
  using network = openNetwork(pid);
  return body(network.route);
}

function freeDevice(pid: number, prefix: string): string {
  const taken = new Set(inside(pid, listLinks).map(({ name }) => name));
  const names = Array.from({ length: taken.size + 1 }, (_, index) => `${prefix}${index}`);
  return names.find(name => !taken.has(name)) ?? `${prefix}${taken.size}`;
}

function addToFiles(
  parts: Parts,
  container: NetworkedContainer,
  { record }: Place,
  lease: Lease,
): void {
  const folder = parts.containers.folderOf(container.id);
  const { Hostname } = container.config;
  const ips = addressesOf({ ...lease, network: parts.catalogue.network(record) });
  const lines = ips.map(ip => `${showLine({ ip: formatIp(ip), names: [Hostname] })}\n`);
  rewrite(folder, 'hosts', text => `${text}${lines.join('')}`);
  if (isPredefined(record.name) || sandboxOf(parts, container.id).servesNames) return;
  const around = { mode: 'own', ips, links: [], gateway: () => undefined, dns: parts.dns } as const;
  const bare = { ...container, hostConfig: { ...container.hostConfig, ExtraHosts: null } };
  const { files, asked } = textsFor(bare, around);
  using namespace = openNetwork(container.state.pid);
  serveNamesTo(parts, container, namespace, asked);
  if (isUntouched(folder)) rewrite(folder, 'resolv.conf', () => files['resolv.conf']);
}

export function disconnectRunning(
  parts: Parts,
  container: NetworkedContainer,
  record: NetworkRecord,
): void {
  const { leases, host, containers, catalogue } = parts;
  const places = placesNow(parts, container);
  const leaving = places.find(one => one.record.id === record.id);
  const lease = leaving?.lease ?? leases.of(container.id).find(one => one.network === record.id);
  if (lease === undefined) return;
  withdraw(host, lease.ports);
  if (lease.ports.length > 0) sandboxOf(parts, container.id).freePorts();
  removeFrom(parts, container, record, leaving?.asked.MacAddress || formatMac(macOf(lease.ip)));
  leases.giveBack([lease]);
  const ips = addressesOf({ ...lease, network: catalogue.network(record) }).map(formatIp);
  rewrite(containers.folderOf(container.id), 'hosts', text =>
    text
      .split('\n')
      .filter(line => !ips.some(ip => line.startsWith(`${ip}\t`)))
      .join('\n'),
  );
  const next = gatewayAmong(places.filter(one => one !== leaving));
  if (next && !hasWayOut(container.state.pid)) takeOver(parts, container, next);
  tell(parts, 'disconnect', record, container.id);
}

function removeFrom(
  parts: Parts,
  { id, state }: NetworkedContainer,
  record: NetworkRecord,
  mac: string,
): void {
  const { cables } = sandboxOf(parts, id);
  const cable = cables.get(record.id);
  cables.delete(record.id);
  if (cable !== undefined) return removeCable(parts.host, cable);
  inside(state.pid, netlink => {
    const link = listLinks(netlink).find(one => one.mac === mac.toLowerCase());
    if (link) netlink.talk([deleteLink(link.index)]);
  });
}

function hasWayOut(pid: number): boolean {
  return inside(pid, listRoutes).some(
    ({ destination, version }) => destination === undefined && version === 4,
  );
}

/** The default route is gone with its link. */
function takeOver(
  parts: Parts,
  container: NetworkedContainer,
  { record, lease }: Place & { readonly lease: Lease },
): void {
  const network = parts.catalogue.network(record);
  inside(container.state.pid, netlink => netlink.talk(gatewaysOf(network).map(newDefaultRoute)));
  const published = publishAt(parts, container, { record });
  if (published === undefined) return;
  const ports = published(addressesOf({ ...lease, network }));
  parts.leases.withPorts(lease, ports);
  publishIn(parts, record, ports);
  sandboxOf(parts, container.id).closePorts();
}
