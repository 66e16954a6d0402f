// A network of the bridge driver on its host: raised with its first container, lowered
// with its last.
//
// - `prepareHost(host)`: before the first network: the settings of a router
// - `planNetwork(host, page, wish)`: the network that is meant; nothing is made
// - `raiseNetwork(host, page, network)`: what is missing of it, made
// - `lowerIdle(host, page)`: removes every network that no lease is in and nobody keeps
// - `lowerNetwork(host, page, network)`: one of them
//
// Everything can be repeated: what is there already is kept, what is missing is made,
// so that a start which follows on a `kill -9` in the middle finds its way. Whatever
// will stand on the host stands in the ledger and in the book before.

import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { record, settle } from '@slipway/lab';
import { NetlinkError } from '@slipway/native';
import { admitNetwork, dismissNetwork, publish } from '../firewall/elements.ts';
import { hasTable, loadTable, removeTable } from '../firewall/load.ts';
import { tableName } from '../firewall/table.ts';
import { formatSubnet, parseSubnet, type Subnet } from '../ipam/address.ts';
import type { BridgeNetwork, Page } from '../ipam/lease-book.ts';
import { checkPool, choosePool, gatewaysOf, PoolError } from '../ipam/pool.ts';
import { listAddresses, newAddress } from '../links/addresses.ts';
import { newBridge } from '../links/bridge.ts';
import { deleteLink, findLink, listLinks, setUp, type Link } from '../links/link.ts';
import { formatMac, macOf } from '../links/mac.ts';
import { ipv6SubnetFor, mtuOfWayOut, subnetsInUse, type NetworkHost } from './host.ts';
import { change, hasIpv6, neededSettings, restore, routeLoopback } from './settings.ts';
import type { Setting } from './settings.ts';

/** What a user may say of a network. */
export interface NetworkWish {
  /** `bridge` is the one that everybody gets. */
  readonly name: string;
  readonly subnet?: Subnet;
}

/** Written down in a transaction of its own, then changed: a crash loses neither. */
export function prepareHost(host: NetworkHost): void {
  if (neededSettings().length === 0) return;
  const needed = host.book.transaction(page => noteSettings(host, page));
  for (const setting of needed) change(setting);
}

function noteSettings(host: NetworkHost, page: Page): readonly Setting[] {
  const settings = neededSettings();
  for (const setting of settings) {
    page.addSetting(setting);
    if (isPlain(setting)) note(host, page, sysctlOf(setting));
  }
  return settings;
}

/** In the ledger, before it is made. */
function note(
  host: NetworkHost,
  page: Page,
  thing: Parameters<typeof record>[0],
): void {
  if (host.ledger) page.addPaper(record(thing));
}

/** A dot in the name of a link would be read as a part of the path. */
function isPlain({ path }: Setting): boolean {
  return !path.includes('.');
}

function sysctlOf({ path, previous }: Setting): Parameters<typeof record>[0] {
  return { kind: 'sysctl', target: path.replaceAll('/', '.'), previous };
}

/**
 * The network that `wish` means: the one that is there, or one that could be made.
 *
 * @throws PoolError if the wish does not fit what is there
 */
export function planNetwork(
  host: NetworkHost,
  page: Page,
  wish: NetworkWish,
): BridgeNetwork {
  const known = page.networks().find(({ name }) => name === wish.name);
  if (known === undefined) return newNetwork(host, page, wish);
  refuseOtherSubnet(known, wish);
  return known;
}

/** Makes what is missing of `network`. Everything that can be refused was, before. */
export function raiseNetwork(
  host: NetworkHost,
  page: Page,
  network: BridgeNetwork,
): void {
  // Who has lowered the last network meanwhile has written them back.
  if (page.networks().length === 0) {
    for (const setting of noteSettings(host, page)) change(setting);
  }
  if (!hasTable(host.firewall)) {
    note(host, page, { kind: 'nft-table', target: tableName });
    loadTable();
    // A table that somebody has removed comes back with all that was in it.
    for (const one of page.networks()) admitNetwork(host.firewall, one);
    publish(
      host.firewall,
      page.leases().flatMap(({ ports }) => ports),
    );
  }
  const known = page.networks().some(({ name }) => name === network.name);
  if (!known) page.addNetwork(network);
  if (known && host.route.indexOf(network.bridge) !== undefined) return;
  // Somebody has removed the bridge alone: the firewall knows it still.
  if (known) dismissNetwork(host.firewall, network);
  raiseBridge(host, page, network);
}

function refuseOtherSubnet(known: BridgeNetwork, { name, subnet }: NetworkWish): void {
  if (!subnet) return;
  const [has, wanted] = [formatSubnet(known.subnet4), formatSubnet(subnet)];
  if (has === wanted) return;
  throw new PoolError(
    `--subnet ${wanted}: the network ${name} is there and has ${has}`,
  );
}

/** The usual subnets: private ones, from where Docker has its own upwards. */
const usual: readonly Subnet[] = [
  ...[30, 31, 29, 28, 27, 26, 25, 24].map(n => parseSubnet(`172.${n}.0.0/16`)),
  ...[210, 211, 212, 213].map(n => parseSubnet(`10.${n}.0.0/16`)),
];

function newNetwork(
  host: NetworkHost,
  page: Page,
  { name, subnet }: NetworkWish,
): BridgeNetwork {
  const inUse = subnetsInUse(host, page);
  if (subnet) checkPool(subnet, inUse);
  const subnet4 = subnet ?? choosePool(usual, inUse);
  return {
    name,
    bridge: bridgeNameFor(name, page),
    subnet4,
    subnet6: hasIpv6() ? ipv6SubnetFor(subnet4) : undefined,
    mtu: mtuOfWayOut(host),
  };
}

/** The name of a link has at most 15 bytes. */
function bridgeNameFor(network: string, page: Page): string {
  const isTaken = page.networks().some(({ bridge }) => bridge === 'slipway0');
  if (network === 'bridge' && !isTaken) return 'slipway0';
  if (network.length <= 7) return `slipway-${network}`;
  return `slipway-${createHash('sha256').update(network).digest('hex').slice(0, 7)}`;
}

function raiseBridge(host: NetworkHost, page: Page, network: BridgeNetwork): void {
  const { bridge, mtu } = network;
  if (isKept(host, network)) return admitNetwork(host.firewall, network);
  const [four] = gatewaysOf(network);
  if (!four) throw new Error(`the network ${network.name} has no gateway`);
  const known = findLink(host.route, bridge);
  if (!known || isOurs(known, network)) {
    // One that no row of the book explains is what somebody left who was killed.
    if (known) removeUnexplained(host, bridge);
    note(host, page, { kind: 'link', target: bridge });
    host.route.talk([newBridge(bridge, mtu, macOf(four))]);
  } else if (known.kind !== 'bridge') {
    throw new PoolError(`existing interface ${bridge} is not a bridge`);
  }
  giveAddresses(host, network);
  routeLoopback(bridge);
  admitNetwork(host.firewall, network);
}

/** A bridge that somebody else has made is used as it is, with one address more. */
function giveAddresses(host: NetworkHost, network: BridgeNetwork): void {
  const { bridge, subnet4, subnet6 } = network;
  const index = findLink(host.route, bridge)?.index ?? 0;
  const has = listAddresses(host.route).filter(one => one.index === index);
  const missing = gatewaysOf(network).filter(
    ({ value }) => !has.some(({ ip }) => ip.value === value),
  );
  host.route.talk([
    setUp(index),
    ...missing.map(ip =>
      newAddress(index, ip, (ip.version === 4 ? subnet4 : subnet6)?.prefix ?? 128),
    ),
  ]);
}

const ourNames = /^slipway(0|-\w+)$/;

/** By its name, or by the hardware address that follows from the gateway's. */
function isOurs({ name, kind, mac }: Link, network: BridgeNetwork): boolean {
  const [four] = gatewaysOf(network);
  const isMarked = four !== undefined && mac === formatMac(macOf(four));
  return kind === 'bridge' && (isMarked || ourNames.test(name));
}

/** An engine's containers go on without it, even if the book is lost. */
function isKept(host: NetworkHost, network: BridgeNetwork): boolean {
  const link = findLink(host.route, network.bridge);
  if (!network.keeper || !link || !isBusy(host, network.bridge)) return false;
  const [gateway] = gatewaysOf(network);
  return listAddresses(host.route).some(
    ({ index, ip }) => index === link.index && ip.value === gateway?.value,
  );
}

/** What is left of a network when its last container has ended: nothing. */
export function lowerIdle(host: NetworkHost, page: Page): readonly string[] {
  const busy = new Set(page.leases().map(({ network }) => network));
  const networks = page.networks();
  const idle = networks.filter(
    ({ name, keeper }) => !busy.has(name) && !(keeper && existsSync(keeper)),
  );
  for (const network of idle) lowerNetwork(host, page, network);
  removeUnexplainedBridges(host, page);
  if (idle.length === networks.length) forgetHost(host, page);
  return idle.map(({ name }) => name);
}

export function lowerNetwork(
  host: NetworkHost,
  page: Page,
  network: BridgeNetwork,
): void {
  if (hasTable(host.firewall)) dismissNetwork(host.firewall, network);
  const link = findLink(host.route, network.bridge);
  if (link && isOurs(link, network)) {
    removeCables(host, network.bridge);
    removeLink(host, network.bridge);
  }
  page.removeNetwork(network.name);
}

/** Unplugged ones, that the kernel has not come to yet. */
function removeCables(host: NetworkHost, bridge: string): void {
  const links = listLinks(host.route);
  const index = links.find(({ name }) => name === bridge)?.index;
  if (index === undefined) return;
  for (const link of links) if (link.bridge === index) removeLink(host, link.name);
}

/** Made by somebody who was killed before it was written down. */
function removeUnexplainedBridges(host: NetworkHost, page: Page): void {
  const explained = new Set(page.networks().map(({ bridge }) => bridge));
  for (const { name } of ourBridges(host)) {
    if (!explained.has(name) && !isBusy(host, name)) removeLink(host, name);
  }
}

function ourBridges(host: NetworkHost): readonly Link[] {
  return listLinks(host.route).filter(
    ({ name, kind }) => kind === 'bridge' && ourNames.test(name),
  );
}

/** Containers are on it: it is in another book than ours. */
function isBusy(host: NetworkHost, name: string): boolean {
  const links = listLinks(host.route);
  const index = links.find(link => link.name === name)?.index;
  return index !== undefined && links.some(({ bridge }) => bridge === index);
}

/** @throws PoolError if somebody else uses it */
function removeUnexplained(host: NetworkHost, name: string): void {
  if (isBusy(host, name)) {
    throw new PoolError(
      `the bridge ${name} has containers that this book knows nothing of: were they ` +
        'started with another SLIPWAY_STATE? Use that one, or another --network',
    );
  }
  removeLink(host, name);
}

function removeLink(host: NetworkHost, name: string): void {
  const link = findLink(host.route, name);
  if (!link) return;
  try {
    host.route.talk([deleteLink(link.index)]);
  } catch (error) {
    // Its namespace has ended meanwhile, and taken it along.
    if (!(error instanceof NetlinkError) || error.code !== 'ENODEV') throw error;
  }
}

function forgetHost(host: NetworkHost, page: Page): void {
  // Who has another book has the same table.
  if (hasTable(host.firewall) && ourBridges(host).length === 0) removeTable();
  for (const setting of page.settings()) restore(setting);
  for (const paper of page.papers()) settle(paper);
  page.forgetHost();
}
