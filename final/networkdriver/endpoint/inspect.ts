// What an inspection shows of a container's networks, computed from what it asked for and has.
//
// - `settingsOf(container, sources)`: `NetworkSettings`

import { addressesOf, formatIp, formatMac, gatewaysOf, macOf } from '../../libcontainer/network.ts';
import type { Lease } from '../../libcontainer/network.ts';
import type { Catalogue } from '../network/catalogue.ts';
import type { NetworkedContainer } from '../driver.ts';
import type { Leases } from '../ipam/leases.ts';
import { exposedPorts } from '../ports/wishes.ts';
import { shownPorts } from '../ports/published.ts';
import { isPredefined, type NetworkRecord } from '../network/record.ts';
import {
  noNetworks,
  unconnected,
  type AskedEndpoint,
  type EndpointSettings,
  type NetworkSettings,
} from '../settings.ts';
import { dnsNames, endpointId, sandboxId } from './identity.ts';

interface Sources {
  readonly catalogue: Pick<Catalogue, 'look' | 'network'>;
  readonly leases: Pick<Leases, 'of'>;
}

const never = '0001-01-01T00:00:00Z';

export function settingsOf(container: NetworkedContainer, sources: Sources): NetworkSettings {
  const { id, state, networks } = container;
  const hasStarted = state.pid > 0 || state.startedAt !== never;
  const leases = sources.leases.of(id);
  const shown = Object.entries(networks).map(
    ([name, asked]) => [name, endpointOf(name, asked, container, sources)] as const,
  );
  const all = Object.fromEntries(shown);
  const exposed = leases.length > 0 ? exposedPorts(container) : [];
  return {
    ...noNetworks,
    SandboxID:
      hasStarted && !container.hostConfig.NetworkMode.startsWith('container:') ? sandboxId(id) : '',
    SandboxKey: state.pid > 0 ? `/proc/${state.pid}/ns/net` : '',
    Ports: shownPorts(
      exposed,
      leases.flatMap(({ ports }) => ports),
    ),
    ...onDefaultBridge(all['bridge']),
    Networks: all,
  };
}

function onDefaultBridge(endpoint: EndpointSettings | undefined): Partial<NetworkSettings> {
  if (endpoint === undefined) return {};
  const { EndpointID, Gateway, GlobalIPv6Address, GlobalIPv6PrefixLen } = endpoint;
  const { IPAddress, IPPrefixLen, IPv6Gateway, MacAddress } = endpoint;
  return {
    ...{ EndpointID, Gateway, GlobalIPv6Address, GlobalIPv6PrefixLen },
    ...{ IPAddress, IPPrefixLen, IPv6Gateway, MacAddress },
  };
}

function endpointOf(
  name: string,
  asked: AskedEndpoint,
  container: NetworkedContainer,
  { catalogue, leases }: Sources,
): EndpointSettings {
  const { id, state } = container;
  const record = catalogue.look(asked.NetworkID || name);
  // What is asked for is shown until it has been in use.
  const MacAddress = state.startedAt === never ? asked.MacAddress : '';
  const idle = { ...unconnected(asked), MacAddress, NetworkID: asked.NetworkID ?? '' };
  const names = isPredefined(name) || idle.NetworkID === '' ? null : dnsNames(container, asked);
  const lease = leases.of(id).find(one => one.network === record?.id);
  if (record === undefined || state.pid === 0) return { ...idle, DNSNames: names };
  const connected = {
    ...idle,
    MacAddress: '',
    NetworkID: record.id,
    EndpointID: endpointId(id, record.id),
  };
  if (record.driver !== 'bridge') return connected;
  if (lease === undefined) return { ...idle, DNSNames: names };
  const addresses = addressesIn(record, lease, asked, catalogue);
  return {
    ...connected,
    ...addresses,
    DNSNames: isPredefined(name) ? null : dnsNames(container, asked),
  };
}

function addressesIn(
  record: NetworkRecord,
  lease: Lease,
  asked: AskedEndpoint,
  catalogue: Sources['catalogue'],
): Partial<EndpointSettings> {
  const network = catalogue.network(record);
  const [four, six] = addressesOf({ ...lease, network });
  const [gateway4, gateway6] = record.internal ? [] : gatewaysOf(network);
  return {
    MacAddress:
      asked.MacAddress === '' ? formatMac(macOf(lease.ip)) : asked.MacAddress.toLowerCase(),
    Gateway: gateway4 ? formatIp(gateway4) : '',
    IPAddress: four ? formatIp(four) : '',
    IPPrefixLen: network.subnet4.prefix,
    IPv6Gateway: gateway6 && six ? formatIp(gateway6) : '',
    GlobalIPv6Address: six ? formatIp(six) : '',
    GlobalIPv6PrefixLen: six ? (network.subnet6?.prefix ?? 0) : 0,
  };
}
