// Ports of a container as lists show them, and as filters ask for them.
//
// - `shownPorts(ports)`: `[{ IP, PrivatePort, PublicPort, Type }]`
// - `portFilter(key, written)`: `80`, `80/udp`, `80-95/tcp` → a test of number and protocol

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

/** @throws INVALID with Docker's words */
export function portFilter(
  key: 'publish' | 'expose',
  written: string,
): (number: number, protocol: string) => boolean {
  const refuse = (why: string): Error =>
    invalid(`error while looking up for ${key} ${written}: ${why}`);
  if (written.includes(':')) {
    throw invalid(`filter for '${key}' should not contain ':': ${written}`);
  }
  const [range = '', wanted = 'tcp'] = written.split('/');
  if (range === '') throw refuse('empty string specified for ports');
  const [first = '', last = first] = range.split('-');
  const wrong = [first, last].find(part => !/^\d+$/.test(part) || Number(part) > 65_535);
  if (wrong !== undefined) {
    const why = /^\d+$/.test(wrong) ? 'value out of range' : 'invalid syntax';
    throw refuse(`strconv.ParseUint: parsing ${JSON.stringify(wrong)}: ${why}`);
  }
  if (Number(last) < Number(first)) throw refuse(`invalid range specified for port: ${range}`);
  return (number, protocol) =>
    number >= Number(first) && number <= Number(last) && protocol === wanted;
}
