// The network of one container that runs in the foreground: taken before its start,
// given back after its end.
//
// - `holdNetwork(options, around)`: for `withNetwork`, with the files that name things
//
// The lease belongs to this process. If it is killed, the kernel takes down the
// container, its cable and the reserved ports, and whoever starts or ends a container
// next strikes out the rest.

import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { NetlinkError, newNetwork, openPidfd, type OpenNetwork } from '@slipway/native';
import { UsageError } from '@slipway/namespaces';
import { nameServer, serveNames } from '../dns/server.ts';
import { unpublish, type Published } from '../firewall/elements.ts';
import type { BridgeNetwork, Lease, Page } from '../ipam/lease-book.ts';
import { checkWanted, freeAddress, PoolError, type Pool } from '../ipam/pool.ts';
import { setDown } from '../links/link.ts';
import {
  lowerIdle,
  planNetwork,
  prepareHost,
  raiseNetwork,
} from '../network/bridge-network.ts';
import {
  addressesOf,
  connect,
  openNetwork,
  raiseLoopback,
  type Endpoint,
} from '../network/endpoint.ts';
import { networkFiles, readResolver } from '../network/files.ts';
import { openHost, type NetworkHost } from '../network/host.ts';
import { namesIn } from '../network/names.ts';
import { reconcile, showOwner } from '../network/reconcile.ts';
import { hasIpv6 } from '../network/settings.ts';
import type { Network } from '../network/with-network.ts';
import { serveLoopback6 } from '../ports/loopback6.ts';
import { publishedFor } from '../ports/published.ts';
import { reservePorts } from '../ports/reserve.ts';
import { mountFiles, type FileMount } from './mount-files.ts';
import type { BridgeOptions, NetworkOptions } from './network-options.ts';

export interface HeldNetwork extends AsyncDisposable {
  /** For `withNetwork`, when it stands. The kernel has begun with it already. */
  open(): Promise<Network>;
  /** To be attached in a root of its own. */
  readonly files: readonly FileMount[];
  /** What was chosen for the user, a line each. */
  readonly chosen: readonly string[];
}

/** What is there around the container. */
export interface Around {
  /** Kept open by who starts many containers. Default: opened for this one. */
  readonly host?: NetworkHost;
  /** It gets a user namespace, to which its network has to belong. Default: none. */
  readonly isBorn?: boolean;
}

/**
 * @throws PoolError, PortInUse, SyscallError; then nothing is left of it
 */
export async function holdNetwork(
  options: NetworkOptions,
  around: Around = {},
): Promise<HeldNetwork> {
  const held = new AsyncDisposableStack();
  try {
    const parts = take(options, held, around);
    return { ...parts, [Symbol.asyncDispose]: () => held.disposeAsync() };
  } catch (error) {
    await held.disposeAsync();
    throw error;
  }
}

type Parts = Omit<HeldNetwork, typeof Symbol.asyncDispose>;

function take(
  options: NetworkOptions,
  held: AsyncDisposableStack,
  { host, isBorn = false }: Around,
): Parts {
  const nothing = { files: [], chosen: [] };
  switch (options.mode) {
    case 'host':
      return { open: () => Promise.resolve({ mode: 'host' }), ...nothing };
    case 'none': {
      const made = makeNetwork(held, isBorn);
      return { open: () => openOwn(made, raiseLoopback), ...nothing };
    }
    case 'container': {
      const { descriptor: pidfd } = held.use(openPidfd(options.pid));
      return { open: () => Promise.resolve({ mode: 'container', pidfd }), ...nothing };
    }
    case 'bridge':
      refuseWithoutRight(options);
      return takeBridge(options, held, { host: host ?? held.use(openHost()), isBorn });
  }
}

function refuseWithoutRight({ network }: BridgeOptions): void {
  if (process.geteuid?.() === 0) return;
  throw new UsageError(
    `--network ${network} changes the network of this host: run it with sudo`,
  );
}

/**
 * A namespace that another thread makes, beginning now: the kernel lets it wait while
 * it takes down what went before. undefined: it will be born with its user namespace.
 */
function makeNetwork(
  held: AsyncDisposableStack,
  isBorn: boolean,
): Promise<OpenNetwork> | undefined {
  if (isBorn) return undefined;
  const made = newNetwork();
  // Whoever opens it hears why there is none.
  const ended = made.then(
    one => () => one[Symbol.dispose](),
    () => () => undefined,
  );
  held.defer(async () => (await ended)());
  return made;
}

async function openOwn(
  made: Promise<OpenNetwork> | undefined,
  connectIn: (inside: OpenNetwork) => void,
): Promise<Network> {
  if (made === undefined) {
    return {
      mode: 'born',
      connect: pid => {
        using inside = openNetwork(pid);
        connectIn(inside);
      },
    };
  }
  const inside = await made;
  connectIn(inside);
  return { mode: 'prepared', namespace: inside.descriptor };
}

function takeBridge(
  options: BridgeOptions,
  held: AsyncDisposableStack,
  { host, isBorn }: Required<Around>,
): Parts {
  const made = makeNetwork(held, isBorn);
  const versions = hasIpv6() ? ([4, 6] as const) : ([4] as const);
  const containerOf = (pid: number): string | undefined =>
    host.book.page.leases().find(({ owner }) => 'pid' in owner && owner.pid === pid)
      ?.container;
  const reserved = held.use(reservePorts(options.ports, versions, containerOf));
  const mine: { lease?: Lease; cable?: string } = {};
  held.defer(() => leave(host, mine));
  prepareHost(host);
  const { lease, network } = host.book.transaction(page => {
    reconcile(host, page);
    const planned = planNetwork(host, page, {
      name: options.network,
      ...(options.subnet && { subnet: options.subnet }),
    });
    const given = { ...leaseFor(page, planned, options), owner: host.self };
    const endpoint = { network: planned, ip: given.ip, ports: [] };
    const ports = publishedFor(reserved.ports, addressesOf(endpoint));
    const whole = { ...given, ports };
    raiseNetwork(host, page, planned);
    page.addLease(whole);
    return { lease: whole, network: planned };
  });
  mine.lease = lease;
  const { ip, ports } = lease;
  const endpoint = { network, ip, ports, ...(options.mac && { mac: options.mac }) };
  const plugIn = (inside: OpenNetwork): void => {
    mine.cable = connect(host, endpoint, inside);
    reserved.hold();
    const six = addressesOf(endpoint)[1];
    if (six) held.use(serveLoopback6(reserved.takeListening(), six));
    if (!options.serveNames) return;
    const servers = serversFor(options);
    held.use(serveNames(inside, namesIn(host.book, network), servers));
  };
  return {
    open: () => openOwn(made, plugIn),
    files: writeFiles(options, lease, endpoint, held),
    chosen: reserved.ports
      .filter((_, index) => options.ports[index]?.hostPort === undefined)
      .map(({ containerPort, hostPort }) => `${containerPort} is at ${hostPort}`),
  };
}

function leaseFor(
  page: Page,
  network: BridgeNetwork,
  options: BridgeOptions,
): Omit<Lease, 'owner'> {
  const neighbours = page.leases().filter(one => one.network === network.name);
  const last = page.lastGiven(network.name);
  const pool: Pool = {
    subnet: network.subnet4,
    taken: new Map([
      ...neighbours.map(({ ip, container }) => [ip.value, container] as const),
    ]),
    ...(last !== undefined && { last }),
  };
  if (options.ip) checkWanted(pool, options.ip);
  const container = options.name ?? randomBytes(6).toString('hex');
  const same = page.leases().find(one => one.container === container);
  if (same) {
    const owner = showOwner(same.owner);
    throw new PoolError(`--name ${container} is taken by the one of ${owner}`);
  }
  return {
    network: network.name,
    ip: options.ip ?? freeAddress(pool),
    container,
    names: [container, ...options.aliases].map(name => name.toLowerCase()),
    ports: [],
  };
}

function serversFor({ servers }: BridgeOptions): readonly string[] {
  return servers.length > 0 ? servers : hostResolver().nameservers;
}

function hostResolver(): ReturnType<typeof readResolver> {
  try {
    return readResolver(readFileSync('/etc/resolv.conf', 'utf8'));
  } catch {
    return { nameservers: [], search: [] }; // a host without one asks nobody
  }
}

function writeFiles(
  options: BridgeOptions,
  lease: Lease,
  endpoint: Endpoint,
  held: AsyncDisposableStack,
): readonly FileMount[] {
  const own = options.serveNames ? [nameServer] : serversFor(options);
  const texts = networkFiles({
    hostname: lease.container,
    ips: addressesOf(endpoint),
    extraHosts: options.extraHosts,
    nameservers: own,
    search: hostResolver().search,
  });
  return mountFiles(texts, held);
}

/** Everything back, and what nobody needs any more as well. */
function leave(
  host: NetworkHost,
  { lease, cable }: { readonly lease?: Lease; readonly cable?: string },
): void {
  if (lease) withdraw(host, lease.ports);
  if (cable !== undefined) unplug(host, cable);
  host.book.transaction(page => {
    if (lease) page.removeLease(lease);
    const struckOut = reconcile(host, page);
    // Mostly there are neighbours: then the network goes on, and so do all others.
    const neighbours = page.leases().some(({ network }) => network === lease?.network);
    if (!neighbours || struckOut.length > 0) lowerIdle(host, page);
  });
}

function withdraw(host: NetworkHost, ports: readonly Published[]): void {
  ignoring('ENOENT', () => unpublish(host.firewall, ports));
}

/**
 * The kernel removes the cable with the namespace, some time after the last process. To
 * wait for that, or to remove it from here, would take 20 ms, until every processor has
 * forgotten it. That nothing goes through it any more takes a hundredth of that.
 */
function unplug(host: NetworkHost, name: string): void {
  ignoring('ENODEV', () => host.route.talk([setDown(name)]));
}

/** It is gone already: so much the better. */
function ignoring(code: string, act: () => void): void {
  try {
    act();
  } catch (error) {
    if (!(error instanceof NetlinkError) || error.code !== code) throw error;
  }
}

/** For `--explain`: the mode, and nothing behind it. */
export function plannedNetwork(options: NetworkOptions, isBorn: boolean): Network {
  switch (options.mode) {
    case 'host':
      return { mode: 'host' };
    case 'container':
      return { mode: 'container', pidfd: 0 };
    case 'none':
    case 'bridge':
      return isBorn
        ? { mode: 'born', connect: () => undefined }
        : { mode: 'prepared', namespace: 0 };
  }
}
