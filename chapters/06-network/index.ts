// The public face of chapter 06: what the engine imports.
//
// - links, addresses, firewall, ports, names: the mechanisms, each on sockets handed in
// - `openHost`, `planNetwork`, `raiseNetwork`, `connect`, `reconcile`: a network's life
// - `withNetwork`: a request with a network; `holdNetwork`: one for a single run

export { answerFor, type Names } from './dns/answer.ts';
export { nameServer, serveNames } from './dns/server.ts';
export {
  admitNetwork,
  dismissNetwork,
  isLed,
  listPublished,
  publish,
  showPublished,
  unpublish,
  type Protocol,
  type Published,
} from './firewall/elements.ts';
export { hasTable, loadTable, removeTable } from './firewall/load.ts';
export {
  contains,
  formatIp,
  formatSubnet,
  overlap,
  parseIp,
  parseSubnet,
  sizeOf,
  type Ip,
  type Subnet,
} from './ipam/address.ts';
export {
  openBook,
  type BridgeNetwork,
  type Lease,
  type LeaseBook,
  type Page,
} from './ipam/lease-book.ts';
export {
  checkPool,
  checkWanted,
  choosePool,
  freeAddress,
  gatewayOf,
  gatewaysOf,
  PoolError,
  type Pool,
  type Range,
} from './ipam/pool.ts';
export { listAddresses, listRoutes, newDefaultRoute } from './links/addresses.ts';
export { deleteLink, findLink, listLinks } from './links/link.ts';
export { formatMac, macOf, parseMac } from './links/mac.ts';
export {
  lowerIdle,
  lowerNetwork,
  planNetwork,
  prepareHost,
  raiseNetwork,
  type NetworkWish,
} from './network/bridge-network.ts';
export {
  addressesOf,
  connect,
  openNetwork,
  raiseLoopback,
  type Endpoint,
  type HostSide,
} from './network/endpoint.ts';
export { networkFiles, readResolver, type Naming } from './network/files.ts';
export {
  mtuOfWayOut,
  openHost,
  subnetsInUse,
  type NetworkHost,
} from './network/host.ts';
export { hasIpv6 } from './network/settings.ts';
export { namesIn } from './network/names.ts';
export { ownerLives, reconcile } from './network/reconcile.ts';
export { hasUserNamespace, withNetwork, type Network } from './network/with-network.ts';
export { parsePublish, type PortWish } from './ports/grammar.ts';
export { serveLoopback6 } from './ports/loopback6.ts';
export { publishedFor } from './ports/published.ts';
export {
  PortInUse,
  reservePorts,
  type Reserved,
  type ReservedPort,
} from './ports/reserve.ts';
export { holdNetwork, type HeldNetwork } from './runtime/hold-network.ts';
export { mountFiles, type FileMount } from './runtime/mount-files.ts';
export {
  addNetworkOptions,
  readNetworkOptions,
  type NetworkFlags,
  type NetworkOptions,
} from './runtime/network-options.ts';
