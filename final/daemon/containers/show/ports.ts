// Ports of a container as lists show them, and as filters ask for them.
//
// - `shownPorts(ports)`: `[{ IP, PrivatePort, PublicPort, Type }]`
// - `portFilter(written)`: `80`, `80/udp`, `80-95/tcp` → a test of number and protocol

import { invalid } from '../../../engine/refusal.ts';
import type { PortMap } from '../../../networkdriver/settings.ts';

export interface ShownPort {
  readonly IP?: string;
  readonly PrivatePort: number;
  readonly PublicPort?: number;
  readonly Type: string;
}

export function shownPorts(ports: PortMap): readonly ShownPort[] {
  return Object.entries(ports).flatMap(([port, bindings]): readonly ShownPort[] => {
    const [number = '', protocol = 'tcp'] = port.split('/');
    const own = { PrivatePort: Number(number), Type: protocol };
    if (bindings === null || bindings.length === 0) return [own];
    return bindings.map(({ HostIp, HostPort }) => ({
      ...(HostIp !== '' && { IP: HostIp }),
      ...{ PrivatePort: own.PrivatePort, PublicPort: Number(HostPort), Type: protocol },
    }));
  });
}

/** @throws INVALID */
export function portFilter(written: string): (number: number, protocol: string) => boolean {
  const match = /^(\d{1,5})(?:-(\d{1,5}))?(?:\/(tcp|udp|sctp))?$/.exec(written);
  if (match === null) throw invalid(`invalid filter: "${written}" is no port`);
  const [, first = '', last = first, wanted = 'tcp'] = match;
  return (number, protocol) =>
    number >= Number(first) && number <= Number(last) && protocol === wanted;
}
