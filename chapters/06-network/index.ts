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
  listPublished,
  publish,
  showPublished,
  unpublish,
  type Protocol,
  type Published,
} from './firewall/elements.ts';
export { hasTable, loadTable, removeTable } from './firewall/load.ts';
export {
  formatIp,
  formatSubnet,
  parseIp,
  parseSubnet,
  type Ip,
  type Subnet,
} from './ipam/address.ts';
export {
  openBook,
  type BridgeNetwork,
  type Lease,
  type LeaseBook,
} from './ipam/lease-book.ts';
export {
  checkPool,
  checkWanted,
  choosePool,
  freeAddress,
  gatewayOf,
  PoolError,
  type Pool,
} from './ipam/pool.ts';
export { macOf, parseMac } from './links/mac.ts';
export {
  lowerIdle,
  planNetwork,
  prepareHost,
  raiseNetwork,
  type NetworkWish,
} from './network/bridge-network.ts';
export {
  addressesOf,
  connect,
  raiseLoopback,
  type Endpoint,
  type HostSide,
} from './network/endpoint.ts';
export { networkFiles, readResolver, type Naming } from './network/files.ts';
export { openHost, type NetworkHost } from './network/host.ts';
export { namesIn } from './network/names.ts';
export { reconcile } from './network/reconcile.ts';
export { withNetwork, type Network } from './network/with-network.ts';
export { parsePublish, type PortWish } from './ports/grammar.ts';
export { serveLoopback6 } from './ports/loopback6.ts';
export { publishedFor } from './ports/published.ts';
export { reservePorts, type Reserved, type ReservedPort } from './ports/reserve.ts';
export { holdNetwork, type HeldNetwork } from './runtime/hold-network.ts';
export { mountFiles, type FileMount } from './runtime/mount-files.ts';
export {
  addNetworkOptions,
  readNetworkOptions,
  type NetworkFlags,
  type NetworkOptions,
} from './runtime/network-options.ts';
