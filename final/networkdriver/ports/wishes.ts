// What a container wants published, as its host configuration has it.
//
// - `portWishes(container, defaultHost)`: one for each binding, and with -P for each exposed port
// - `exposedPorts(container)`: the ports that an inspection lists, published or not
// - `readPort(key)`: `80/tcp` → number and protocol
//
//     {"80/tcp": [{"HostIp": "127.0.0.1", "HostPort": "8080"}, {"HostPort": "9000-9010"}]}
//
// An empty or zero HostPort is any that is free; a range is the first of it that is.

import { invalid, Refusal } from '../../engine/refusal.ts';
import { parseIp, type Ip, type PortWish } from '../../libcontainer/network.ts';
import type { NetworkedContainer } from '../driver.ts';

type WithPorts = Pick<NetworkedContainer, 'config' | 'hostConfig'>;

export interface PortKey {
  readonly port: number;
  readonly protocol: 'tcp' | 'udp';
}

/** @throws Refusal INVALID, UNSUPPORTED for sctp */
function readPort(key: string): PortKey {
  const [, digits = '', protocol = 'tcp'] = /^(\d{1,5})(?:\/(\w+))?$/.exec(key) ?? [];
  const port = Number(digits);
  const known = protocol.toLowerCase();
  if (digits === '' || port < 1 || port > 65_535)
    throw invalid(`invalid port specification: ${JSON.stringify(key)}`);
  if (known === 'sctp')
    throw new Refusal('UNSUPPORTED', `${key}: this engine publishes tcp and udp, not sctp`);
  if (known !== 'tcp' && known !== 'udp') throw invalid(`invalid proto: ${protocol}`);
  return { port, protocol: known };
}

export function exposedPorts({ config, hostConfig }: WithPorts): readonly string[] {
  const bound = Object.keys(hostConfig.PortBindings ?? {});
  const all = new Set([...Object.keys(config.ExposedPorts ?? {}), ...bound].map(withProtocol));
  return [...all].toSorted((a, b) => Number.parseInt(a) - Number.parseInt(b) || (a < b ? -1 : 1));
}

function withProtocol(key: string): string {
  return key.includes('/') ? key.toLowerCase() : `${key}/tcp`;
}

/** @throws Refusal INVALID naming what cannot be read */
export function portWishes(container: WithPorts, defaultHost: string): readonly PortWish[] {
  const { PortBindings, PublishAllPorts } = container.hostConfig;
  return exposedPorts(container).flatMap(key => {
    const bindings = PortBindings?.[key] ?? PortBindings?.[key.replace(/\/tcp$/, '')] ?? [];
    const all =
      bindings.length === 0 && PublishAllPorts ? [{ HostIp: '', HostPort: '' }] : bindings;
    // What is only exposed is told, and leads nowhere.
    if (all.length === 0 && key.endsWith('/sctp')) return [];
    const { port, protocol } = readPort(key);
    return all.map(({ HostIp, HostPort }) => ({
      protocol,
      host: readHost(HostIp || defaultHost),
      ...readHostPort(HostPort),
      containerPort: port,
    }));
  });
}

function readHost(text: string): Ip | undefined {
  if (text === '') return undefined;
  const ip = parseIp(text.replace(/^\[|\]$/g, ''));
  if (ip === undefined) throw invalid(`invalid IP address: ${text}`);
  return ip;
}

function readHostPort(text: string): Pick<PortWish, 'hostPort' | 'among'> {
  if (text === '' || text === '0') return { hostPort: undefined };
  const [, from = '', to = from] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text) ?? [];
  const [first, last] = [Number(from), Number(to)];
  if (from === '' || first < 1 || last > 65_535 || last < first)
    throw invalid(`Error parsing HostPort value(${text}): invalid port number or range`);
  return first === last ? { hostPort: first } : { hostPort: undefined, among: { first, last } };
}
