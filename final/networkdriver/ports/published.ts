// The ports of one container, taken on the host and held while it runs.
//
// - `reserve(wishes, who)`: sockets for all of them → `Reserved`
// - `publishedFor(ports, addresses)`: where each leads
// - `reserveAgain(published, log)`: after the daemon's own restart: the same ones
// - `shownPorts(exposed, published)`: as an inspection lists them
//
// IPv4 reaches the container by the firewall, also while no daemon runs. What arrives by IPv6 for a
// container without an IPv6 address cannot be led there by a rule; as in Docker it is passed on, so
// a published port with such a host address has no element in the firewall.
// The socket of a port is bound so that nobody else believes it to be free; it ends with the
// daemon, and the next daemon binds it again. What was published goes on meanwhile.

import { failed } from '../../engine/refusal.ts';
import {
  formatIp,
  hasIpv6,
  PortInUse,
  reservePorts,
  type Ip,
  type PortWish,
  type Published,
  type Reserved,
  type ReservedPort,
} from '../../libcontainer/network.ts';
import type { PortMap } from '../settings.ts';

/** For whom, and what is known of others. */
export interface Publisher {
  readonly endpoint: string;
  readonly name: string;
  /** What this engine has published for its other containers. */
  readonly others: () => readonly Published[];
}

const any6: Ip = { version: 6, value: 0n };

/** @throws Refusal FAILED in Docker's words, if a port is taken or an address is not this host's */
export function reserve(wishes: readonly PortWish[], who: Publisher): Reserved {
  const reserved = explained(who, () => reserveOnward(wishes, who));
  return { ...reserved, hold: () => explained(who, () => reserved.hold()) };
}

/** Who takes any port gets the one after the last that was taken so: it is free, most likely. */
function reserveOnward(asked: readonly PortWish[], { others }: Publisher): Reserved {
  const versions = hasIpv6() ? ([4, 6] as const) : ([4] as const);
  const isOpen = ({ hostPort, among }: PortWish): boolean => hostPort === undefined && !among;
  // Who takes any leaves those that are named to whoever has named them.
  const wishes = asked.toSorted((a, b) => Number(isOpen(a)) - Number(isOpen(b)));
  const last = wishes.some(isOpen) ? Math.max(0, ...others().map(one => one.hostPort)) : 0;
  if (last < firstDynamic || last >= lastDynamic) return reservePorts(wishes, versions);
  const among = { first: last + 1, last: lastDynamic };
  try {
    return reservePorts(
      wishes.map(wish => (isOpen(wish) ? { ...wish, among } : wish)),
      versions,
    );
  } catch {
    return reservePorts(wishes, versions);
  }
}

const [firstDynamic, lastDynamic] = [49_153, 65_535];

function explained<T>(who: Publisher, act: () => T): T {
  try {
    return act();
  } catch (cause) {
    if (!(cause instanceof Error)) throw cause;
    const where = `endpoint ${who.name} (${who.endpoint})`;
    const why = cause instanceof PortInUse ? inUse(cause, who) : elsewhere(cause.message);
    throw failed(`driver failed programming external connectivity on ${where}: ${why}`, { cause });
  }
}

/** An address that is not this host's. */
function elsewhere(message: string): string {
  const [, port, protocol, ip] = /port (\d+)\/(\w+) at (\S+): .* no address/.exec(message) ?? [];
  if (ip === undefined) return message;
  const where = ip.includes(':') ? `${protocol}6 [${ip}]` : `${protocol}4 ${ip}`;
  const listen = `Error starting userland proxy: listen ${where}:${port}`;
  return `${listen}: bind: cannot assign requested address`;
}

function inUse({ place }: PortInUse, { others }: Publisher): string {
  const { protocol, address, port } = place;
  const shown = address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
  const ours = others().some(one => one.protocol === protocol && one.hostPort === port);
  if (ours) return `Bind for ${shown} failed: port is already allocated`;
  const family = address.includes(':') ? 6 : 4;
  const listen = `listen ${protocol}${family} ${shown}`;
  return `Error starting userland proxy: ${listen}: bind: address already in use`;
}

/** `0.0.0.0` and `::` are all addresses of one version; nothing is all of both. */
export function publishedFor(
  ports: readonly ReservedPort[],
  [four, six]: readonly Ip[],
): readonly Published[] {
  if (four === undefined) return [];
  return ports.flatMap(({ protocol, host, hostPort, containerPort }) => {
    const about = { protocol, hostPort, containerPort };
    const by4 = (one: Ip | undefined): Published => ({ ...about, host: one, container: four });
    const by6 = (one: Ip): Published =>
      six === undefined
        ? { ...about, host: one, container: four }
        : { ...about, host: one.value === 0n ? undefined : one, container: six };
    if (host === undefined) return hasIpv6() ? [by4(undefined), by6(any6)] : [by4(undefined)];
    if (host.version === 6) return [by6(host)];
    return [by4(host.value === 0n ? undefined : host)];
  });
}

/** What cannot be had again is said and left out: the traffic goes where it went. */
export function reserveAgain(
  published: readonly Published[],
  log: (message: string) => void,
): readonly Reserved[] {
  return published.flatMap(port => {
    const { protocol, hostPort, containerPort } = port;
    try {
      return [reservePorts([{ protocol, host: hostOf(port), hostPort, containerPort }], [4, 6])];
    } catch (error) {
      log(error instanceof Error ? error.message : String(error));
      return [];
    }
  });
}

/** The address of the host, said as one. */
function hostOf({ host, container }: Published): Ip {
  return host ?? { version: container.version, value: 0n };
}

export function shownPorts(exposed: readonly string[], published: readonly Published[]): PortMap {
  return Object.fromEntries(
    exposed.map(key => {
      const bindings = published
        .filter(({ containerPort, protocol }) => `${containerPort}/${protocol}` === key)
        .map(port => ({ HostIp: formatIp(hostOf(port)), HostPort: String(port.hostPort) }));
      return [key, bindings.length === 0 ? null : bindings] as const;
    }),
  );
}
