// `--link` on the default bridge: a line in /etc/hosts, from the time before name servers.
//
// - `linkLines(parts, container)`: one for each linked container that runs
//
// On a network of the user's a link is a name at the embedded name server (names.ts).

import { conflict } from '../../engine/refusal.ts';
import { formatIp } from '../../libcontainer/network.ts';
import type { NetworkedContainer } from '../driver.ts';
import type { HostLine } from '../files/hosts.ts';
import { readLinks } from '../names.ts';
import type { Parts } from '../parts.ts';

/** @throws Refusal CONFLICT for one that does not run, NOT_FOUND for one that is not there */
export function linkLines(
  { containers, leases, catalogue }: Parts,
  { name, hostConfig, networks }: NetworkedContainer,
): readonly HostLine[] {
  if (networks['bridge'] === undefined) return [];
  const bridge = catalogue.look('bridge')?.id;
  return [...readLinks(hostConfig.Links)].flatMap(([alias, target]) => {
    const other = containers.find(target);
    if (other.state.pid === 0)
      throw conflict(`Cannot link to a non running container: /${other.name} AS /${name}/${alias}`);
    const lease = leases.of(other.id).find(one => one.network === bridge);
    if (lease === undefined)
      throw conflict(`Cannot link to /${other.name}, as it does not belong to the default network`);
    const names = [...new Set([alias, other.config.Hostname, other.name])];
    return [{ ip: formatIp(lease.ip), names }];
  });
}
