// The part of networks: the bridge stands from here on.
//
// - `openNetworks(common, containers)`

import { networkRoutes } from '../../api/routes/networks.ts';
import { formatMoment } from '../../api/moments.ts';
import type { ContainersOnNetworks } from '../../networkdriver/driver.ts';
import { registerNetworkJobs } from '../../networkdriver/jobs.ts';
import { Networks } from '../../networkdriver/networks.ts';
import type { Common, Part } from './part.ts';

export interface NetworksPart extends Part {
  readonly networks: Networks;
}

export function openNetworks(common: Common, containers: ContainersOnNetworks): NetworksPart {
  const { settings, engine, events, database, clock, logger } = common;
  const { 'data-root': dataRoot, bip, mtu, bridge: link, icc, ip } = settings();
  const { dns, 'dns-search': search, 'dns-opts': options } = settings();
  const networks = Networks.open({
    database,
    engine: dataRoot,
    containers,
    events,
    log: message => logger.warn(message),
    now: () => formatMoment(clock.now()),
    dns: { servers: dns, search, options },
    hostGateway: settings()['host-gateway-ip'],
    bridge: {
      ...{ bip, mtu, link, icc, ip, range: settings()['fixed-cidr'] },
      ...{ ipv6: settings().ipv6, subnet6: settings()['fixed-cidr-v6'] },
    },
    defaults: {
      pools: settings()['default-address-pools'],
      options: settings()['default-network-opts'],
    },
  });
  registerNetworkJobs(engine, networks);
  return { networks, routes: networkRoutes, close: () => networks.close() };
}
