// `-p`: what is published where, as text → values.
//
// - `parsePublish(text)`: `[ip:]host:container[/tcp|/udp]`; ports may be ranges
//
//     8080:80            at all addresses of the host
//     127.0.0.1:8080:80  at one, IPv6 in brackets: [::1]:8080:80
//     8000-8010:80-90    port by port
//     127.0.0.1::80, 80  a free port of the host is chosen
//
// Source: docker-run(1).

import { parseIp, type Ip } from '../ipam/address.ts';
import type { Protocol } from '../firewall/elements.ts';

/** One port to publish. */
export interface PortWish {
  readonly protocol: Protocol;
  /** Undefined: at all addresses of the host. */
  readonly host: Ip | undefined;
  /** Undefined: any that is free. */
  readonly hostPort: number | undefined;
  /** Where one is chosen: from `first` to `last`; default: the dynamic ports. */
  readonly among?: { readonly first: number; readonly last: number };
  readonly containerPort: number;
}

/** `ip:` (in brackets for IPv6), `host:`, `container`, `/protocol`. */
const grammar = new RegExp(
  [
    ...[/^(?:(?<ip>\[[^\]]*\]|[^:[\]/]*):)??/, /(?:(?<host>[\d-]*):)?/],
    ...[/(?<inside>[\d-]+)/, /(?:\/(?<protocol>\w+))?$/],
  ]
    .map(({ source }) => source)
    .join(''),
);

/** @throws Error naming what is wrong with it */
export function parsePublish(text: string): readonly PortWish[] {
  const found = grammar.exec(text)?.groups;
  if (found === undefined) {
    throw refusal(text, 'write [ip:]host:container[/udp], as in 8080:80');
  }
  const protocol = readProtocol(text, found['protocol']);
  const inside = readRange(text, found['inside'] ?? '');
  const outside = found['host'] ? readRange(text, found['host']) : undefined;
  if (outside !== undefined && outside.length !== inside.length) {
    const counts = `${outside.length} for ${inside.length}`;
    throw refusal(
      text,
      `the ranges differ in length (${counts}): each port needs its own`,
    );
  }
  const host = readHost(text, found['ip']);
  return inside.map((containerPort, index) => ({
    protocol,
    host,
    hostPort: outside?.[index],
    containerPort,
  }));
}

function readProtocol(text: string, protocol = 'tcp'): Protocol {
  if (protocol === 'tcp' || protocol === 'udp') return protocol;
  throw refusal(text, `the protocol ${protocol} is neither tcp nor udp`);
}

function readHost(text: string, written: string | undefined): Ip | undefined {
  if (written === undefined || written === '') return undefined;
  const plain = written.replace(/^\[|\]$/g, '');
  const ip = parseIp(plain);
  if (ip === undefined) throw refusal(text, `${plain} is no address of this machine`);
  // All addresses of one version are written so, too; they then stay with that version.
  return ip;
}

function readRange(text: string, written: string): readonly number[] {
  const [first, last = first] = written.split('-').map(Number);
  if (!/^\d+(-\d+)?$/.test(written) || first === undefined || last === undefined) {
    throw refusal(text, `${written} is no port and no range of ports`);
  }
  if (first < 1 || last > 65_535) throw refusal(text, 'ports go from 1 to 65535');
  if (last < first) throw refusal(text, `the range ${written} is empty`);
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

function refusal(text: string, why: string): Error {
  return new Error(`-p ${text}: ${why}`);
}
