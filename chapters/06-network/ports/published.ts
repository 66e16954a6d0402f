// What is published, one element of the firewall each.
//
// - `publishedFor(ports, addresses)`: a port at all addresses of the host is one
//   element for each version that the container has an address of

import type { Published } from '../firewall/elements.ts';
import { formatIp, type Ip } from '../ipam/address.ts';
import type { ReservedPort } from './reserve.ts';

/** @throws Error if the container has no address of the version that was asked for */
export function publishedFor(
  ports: readonly ReservedPort[],
  addresses: readonly Ip[],
): readonly Published[] {
  return ports.flatMap(port => {
    const { protocol, host, hostPort, containerPort } = port;
    const found = addresses.filter(ip => !host || host.version === ip.version);
    if (found.length === 0) {
      throw new Error(
        `-p ${host ? formatIp(host) : ''}: this network has no IPv6 (the host has ` +
          'none)',
      );
    }
    // 0.0.0.0 and :: are all addresses of one version.
    const one = host && host.value !== 0n ? host : undefined;
    return found.map(container => ({
      protocol,
      host: one,
      hostPort,
      container,
      containerPort,
    }));
  });
}
