// After the daemon's own restart: what it holds for containers that have gone on without it.
//
// - `restore(parts)`: leases of who does not run any more are struck out, the others' ports are
//   reserved again and their names served again
//
// A running container without a lease has lost it with the host's book; it is written down again,
// from what its namespace says.

import {
  addressesOf,
  contains,
  listAddresses,
  openNetwork,
  type Ip,
} from '../../libcontainer/network.ts';
import type { NetworkedContainer } from '../driver.ts';
import { textsFor } from '../files/texts.ts';
import { sandboxOf, type Parts } from '../parts.ts';
import { reserveAgain } from '../ports/published.ts';
import { isPredefined } from '../network/record.ts';
import { dnsNames } from './identity.ts';
import { serveNamesTo } from './join.ts';

export function restore(parts: Parts): void {
  const { containers, leases, log } = parts;
  const running = [...containers.all()].filter(({ state }) => state.pid > 0);
  const ids = new Set(running.map(({ id }) => id));
  for (const line of leases.restrike(({ container }) => ids.has(container))) log(line);
  for (const container of running) {
    try {
      restoreOne(parts, container);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      log(`the network of container ${container.id}: ${why}`);
    }
  }
}

function restoreOne(parts: Parts, container: NetworkedContainer): void {
  findLost(parts, container);
  const { leases, catalogue, log } = parts;
  const mine = leases.of(container.id);
  for (const lease of mine) {
    const record = catalogue.look(lease.network);
    if (record === undefined) continue;
    const addresses = addressesOf({ ...lease, network: catalogue.network(record) });
    const target = addresses[1] ?? addresses[0];
    const reserved = reserveAgain(lease.ports, log);
    const sandbox = sandboxOf(parts, container.id);
    if (target) sandbox.holdPorts(reserved, target);
    sandbox.closePorts();
  }
  const isOwn = mine.some(({ network }) => !isPredefined(catalogue.look(network)?.name ?? 'none'));
  if (!isOwn) return;
  const { asked } = textsFor(
    { ...container, hostConfig: { ...container.hostConfig, ExtraHosts: null } },
    { mode: 'own', ips: [], links: [], gateway: () => undefined, dns: parts.dns },
  );
  using namespace = openNetwork(container.state.pid);
  serveNamesTo(parts, container, namespace, asked);
}

/** What is published for it is not known any more, and not published. */
function findLost(
  { leases, catalogue }: Parts,
  { id, state, networks, ...rest }: NetworkedContainer,
): void {
  const known = new Set(leases.of(id).map(({ network }) => network));
  const lost = Object.entries(networks).flatMap(([name, asked]) => {
    const record = catalogue.look(asked.NetworkID || name);
    return record?.driver === 'bridge' && !known.has(record.id) ? [{ record, asked }] : [];
  });
  if (lost.length === 0) return;
  const addresses = addressesInside(state.pid);
  leases.take(
    lost.flatMap(({ record, asked }) => {
      const network = catalogue.network(record);
      const ip = addresses.find(one => contains(network.subnet4, one));
      const ip6 = addresses.find(one => network.subnet6 && contains(network.subnet6, one));
      const names = dnsNames({ id, ...rest }, asked);
      if (ip === undefined) return [];
      return [{ container: id, record, network, ip, ...(ip6 && { ip6 }), names }];
    }),
  );
}

function addressesInside(pid: number): readonly Ip[] {
  using network = openNetwork(pid);
  return listAddresses(network.route).map(({ ip }) => ip);
}
