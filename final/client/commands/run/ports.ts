// Ports as `-p` writes them: `[[address:]port:]port[/protocol]`, each also a range.
//
// - `portBindings(publish, expose)`   what a create request says; @throws Failure

import { Failure } from '../../failure.ts';

interface Binding {
  readonly HostIp: string;
  readonly HostPort: string;
}

export interface Ports {
  readonly ExposedPorts: Readonly<Record<string, object>>;
  readonly PortBindings: Readonly<Record<string, readonly Binding[]>>;
}

export function portBindings(publish: readonly string[], expose: readonly string[]): Ports {
  const bindings: Record<string, Binding[]> = {};
  const exposed: Record<string, object> = {};
  for (const text of publish) {
    for (const [port, binding] of one(text)) {
      exposed[port] = {};
      (bindings[port] ??= []).push(binding);
    }
  }
  for (const text of expose) {
    const [range = '', protocol = 'tcp'] = text.split('/');
    for (const port of numbers(range, 'port')) exposed[`${port}/${protocol}`] = {};
  }
  return { ExposedPorts: exposed, PortBindings: bindings };
}

function one(text: string): readonly (readonly [string, Binding])[] {
  const [address = '', protocol = 'tcp'] = text.split('/');
  const match = /^(?:(?:(\[[^\]]+\]|[^:]*):)?([^:]*):)?([^:]*)$/.exec(address);
  if (match === null) throw invalid('IP address', address);
  const [, ip = '', host = '', inside = ''] = match;
  if (inside === '') throw new Failure(`no port specified: ${text}<empty>`, 125);
  if (!['tcp', 'udp', 'sctp'].includes(protocol)) throw invalid('proto', protocol);
  const ports = numbers(inside, 'containerPort');
  const hosts = host === '' ? [] : numbers(host, 'hostPort');
  // A range for one port: the engine takes a free one of it.
  if (ports.length === 1 && hosts.length > 1) return [[`${ports[0]}/${protocol}`, bind(ip, host)]];
  if (hosts.length > 0 && hosts.length !== ports.length) {
    const both = `${inside} and ${host}`;
    throw new Failure(`invalid ranges specified for container and host Ports: ${both}`, 125);
  }
  return ports.map((port, index) => [`${port}/${protocol}`, bind(ip, String(hosts[index] ?? ''))]);
}

function bind(ip: string, port: string): Binding {
  return { HostIp: ip.replaceAll(/[[\]]/g, ''), HostPort: port };
}

function numbers(range: string, what: string): readonly number[] {
  const [first = '', last = first] = range.split('-');
  const [from, to] = [Number(first), Number(last)];
  const isRange = /^\d{1,5}(-\d{1,5})?$/.test(range) && from >= 1 && to <= 65_535 && from <= to;
  if (!isRange) throw invalid(what, range);
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

function invalid(what: string, text: string): Failure {
  return new Failure(`invalid ${what}: ${text}`, 125);
}
