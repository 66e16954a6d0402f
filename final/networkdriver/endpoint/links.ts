// `--link` on the default bridge: a line in /etc/hosts and variables, from before there were name
// servers.
//
// - `linksOf(parts, container)`: each linked container, which must run
// - `unlink(parts, container, alias)`: the line in its /etc/hosts goes
// - `tellLinked(parts, container, ip)`: those that it is linked to learn its new address
// - `linkLine(link)`, `linkEnvironment(container, link)`: what is told of it
// - `linkVariables(parts, container)`: of all of them, now
//
// On a network of the user's a link is a name at the embedded name server (sandbox/names.ts).
// Source: daemon/links/links.go of moby, for the variables.

import { conflict } from '../../engine/refusal.ts';
import { formatIp } from '../../libcontainer/network.ts';
import type { NetworkedContainer } from '../driver.ts';
import type { HostLine } from '../files/hosts.ts';
import { rewrite } from '../files/write.ts';
import { readLinks } from '../sandbox/names.ts';
import type { Parts } from '../parts.ts';

export interface Link {
  readonly alias: string;
  readonly ip: string;
  readonly other: NetworkedContainer;
}

/** @throws Refusal CONFLICT for one that does not run, or is not there any more */
export function linksOf(
  { containers, leases, catalogue }: Parts,
  { name, networks, links = {}, hostConfig }: NetworkedContainer,
): readonly Link[] {
  if (networks['bridge'] === undefined || Object.keys(links).length === 0) return [];
  const bridge = catalogue.look('bridge')?.id;
  const known = new Map([...containers.all()].map(one => [one.id, one]));
  return Object.entries(links).map(([alias, id]) => {
    const other = known.get(id);
    if (other === undefined || other.state.pid === 0) {
      const called = other?.name ?? readLinks(hostConfig.Links).get(alias.toLowerCase());
      throw conflict(`Cannot link to a non running container: /${called} AS /${name}/${alias}`);
    }
    const lease = leases.of(id).find(one => one.network === bridge);
    if (lease === undefined)
      throw conflict(`Cannot link to /${other.name}, as it does not belong to the default network`);
    return { alias, ip: formatIp(lease.ip), other };
  });
}

export function linkLine({ alias, ip, other }: Link): HostLine {
  return { ip, names: [...new Set([alias, other.config.Hostname, other.name])] };
}

export function linkVariables(parts: Parts, container: NetworkedContainer): readonly string[] {
  return linksOf(parts, container).flatMap(link => linkEnvironment(container, link));
}

interface Port {
  readonly number: number;
  readonly protocol: string;
}

export function linkEnvironment({ name }: { readonly name: string }, link: Link): string[] {
  const prefix = link.alias.toUpperCase().replaceAll('-', '_');
  const { ExposedPorts, Env } = link.other.config;
  const ports = Object.keys(ExposedPorts ?? {})
    .map(key => {
      const [number = '', protocol = 'tcp'] = key.split('/');
      return { number: Number(number), protocol };
    })
    .toSorted((a, b) => a.number - b.number || (a.protocol === 'tcp' ? -1 : 1));
  const [first] = ports;
  const own = (Env ?? []).filter(entry => /^(?!HOME=|PATH=)[^=]*=/.test(entry));
  return [
    ...(first ? [`${prefix}_PORT=${addressOf(link, first)}`] : []),
    ...rangesIn(ports).flatMap(range => rangeVariables(prefix, link, range)),
    ...ports.flatMap(port => portVariables(prefix, link, port)),
    `${prefix}_NAME=/${name}/${link.alias}`,
    ...own.map(entry => `${prefix}_ENV_${entry}`),
  ];
}

const addressOf = ({ ip }: Link, { number, protocol }: Port): string =>
  `${protocol}://${ip}:${number}`;

const keyOf = (prefix: string, { number, protocol }: Port): string =>
  `${prefix}_PORT_${number}_${protocol.toUpperCase()}`;

function portVariables(prefix: string, link: Link, port: Port): readonly string[] {
  const key = keyOf(prefix, port);
  return [
    `${key}=${addressOf(link, port)}`,
    `${key}_ADDR=${link.ip}`,
    `${key}_PORT=${port.number}`,
    `${key}_PROTO=${port.protocol}`,
  ];
}

type Range = readonly [first: Port, last: Port];

function rangeVariables(prefix: string, link: Link, [first, last]: Range): readonly string[] {
  const key = keyOf(prefix, first);
  const end = keyOf(prefix, { number: first.number, protocol: last.protocol });
  return [
    `${key}_START=${addressOf(link, first)}`,
    `${key}_ADDR=${link.ip}`,
    `${key}_PROTO=${first.protocol}`,
    `${key}_PORT_START=${first.number}`,
    `${end}_END=${addressOf(link, last)}`,
    `${end}_PORT_END=${last.number}`,
  ];
}

/** Ports without a gap, three of them or more. */
function rangesIn(ports: readonly Port[]): readonly Range[] {
  const ranges: Range[] = [];
  for (let at = 0; at < ports.length; at += 1) {
    const first = ports[at];
    let end = at;
    while ((ports[end + 1]?.number ?? Infinity) <= (first?.number ?? 0) + end + 1 - at) end += 1;
    const last = ports[end];
    if (end <= at + 1 || first === undefined || last === undefined) continue;
    ranges.push([first, last]);
    at = end;
  }
  return ranges;
}

export function unlink(
  { containers }: Pick<Parts, 'containers'>,
  { id, state }: Pick<NetworkedContainer, 'id' | 'state'>,
  alias: string,
): void {
  if (state.pid === 0) return;
  const isOther = (line: string): boolean => line.split(/\s+/)[1] !== alias;
  rewrite(containers.folderOf(id), 'hosts', text => text.split('\n').filter(isOther).join('\n'));
}

/** Lines that were written for another address of it. */
export function tellLinked(
  { containers }: Pick<Parts, 'containers'>,
  id: string,
  ip: string,
): void {
  for (const { id: parent, state, links } of containers.all()) {
    if (links === undefined || state.pid === 0) continue;
    const aliases = Object.keys(links).filter(alias => links[alias] === id);
    if (aliases.length === 0) continue;
    rewrite(containers.folderOf(parent), 'hosts', text =>
      text
        .split('\n')
        .map(line => (aliases.includes(line.split(/\s+/)[1] ?? '') ? moved(line, ip) : line))
        .join('\n'),
    );
  }
}

const moved = (line: string, ip: string): string => line.replace(/^\S+/, ip);
