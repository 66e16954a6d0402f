// What can be said of a container's networks when it is created: nothing of them is made yet.
//
// - `planNetworks(request, find)`: by name, as the record keeps it
//
// A network that does not exist is refused at the start, as Docker does: it may come until then.
// Source: daemon/create.go and runconfig/hostconfig_unix.go of moby, for the words.

import { invalid } from '../../engine/refusal.ts';
import { joined } from '../complaints.ts';
import type { NetworkedContainer } from '../driver.ts';
import type { NetworkRecord } from '../record.ts';
import type { AskedEndpoint } from '../settings.ts';
import { complaintOf } from './validate.ts';

/** The part of a create request that is about networks. */
export interface NetworkingRequest {
  readonly config: NetworkedContainer['config'] & {
    readonly MacAddress?: string | undefined;
    readonly NetworkDisabled?: boolean | undefined;
  };
  readonly hostConfig: NetworkedContainer['hostConfig'];
  /** `NetworkingConfig.EndpointsConfig` */
  readonly endpoints: Readonly<Record<string, AskedEndpoint>>;
}

type Find = (reference: string) => NetworkRecord | undefined;

const nothing: AskedEndpoint = {
  ...{ IPAMConfig: null, Links: null, Aliases: null, MacAddress: '', DriverOpts: null },
};

/** @throws Refusal INVALID */
export function planNetworks(
  request: NetworkingRequest,
  find: Find,
): Readonly<Record<string, AskedEndpoint>> {
  const { config, hostConfig, endpoints } = request;
  const mode = hostConfig.NetworkMode || 'default';
  if (mode.startsWith('container:')) {
    refuseShared(request);
    return {};
  }
  const main = mode === 'default' ? 'bridge' : (find(mode)?.name ?? mode);
  const named = Object.entries(endpoints).map(([name, asked]) => {
    const isMain = name === mode || name === 'default';
    return [isMain ? main : (find(name)?.name ?? name), asked] as const;
  });
  refuseEndpoints(named, find);
  if (mode === 'host' && (hostConfig.Links?.length ?? 0) > 0)
    throw invalid(
      "conflicting options: host type networking can't be used with links. This would " +
        'result in undefined behavior',
    );
  if (config.NetworkDisabled === true) return {};
  const all = named.length === 0 ? [[main, nothing] as const] : named;
  return Object.fromEntries(
    all.map(([name, asked]) => [name, name === main ? withMac(asked, config.MacAddress) : asked]),
  );
}

/** Before version 1.44 of the API the hardware address belonged to the container. */
function withMac(asked: AskedEndpoint, mac = ''): AskedEndpoint {
  if (mac === '' || asked.MacAddress === mac) return asked;
  if (asked.MacAddress === '') return { ...asked, MacAddress: mac };
  throw invalid(
    'conflicting MAC address configuration: the container-wide MAC address must match the ' +
      'endpoint-specific MAC address for the main network, or be left empty',
  );
}

function refuseEndpoints(
  endpoints: readonly (readonly [name: string, asked: AskedEndpoint])[],
  find: Find,
): void {
  const complaints = joined(
    endpoints.flatMap(([name, asked]) => {
      const complaint = complaintOf(name, asked, find(name));
      return complaint === undefined ? [] : [`invalid config for network ${name}: ${complaint}`];
    }),
  );
  if (complaints !== undefined) throw invalid(complaints);
}

/** Whoever lives in another's network has no say in it. */
function refuseShared({ config, hostConfig }: NetworkingRequest): void {
  const other = hostConfig.NetworkMode.slice('container:'.length);
  if (other === '')
    throw invalid('Invalid network mode: invalid container format container:<name|id>');
  const has = (list: readonly unknown[] | null): boolean => (list?.length ?? 0) > 0;
  const hasPorts = Object.keys(hostConfig.PortBindings ?? {}).length > 0;
  const conflicts: readonly (readonly [boolean, string])[] = [
    [config.Hostname !== '', 'hostname and the network mode'],
    [
      has(hostConfig.Links),
      "container type network can't be used with links. This would result in undefined behavior",
    ],
    [has(hostConfig.Dns), 'dns and the network mode'],
    [has(hostConfig.ExtraHosts), 'custom host-to-IP mapping and the network mode'],
    [(config.MacAddress ?? '') !== '', 'mac-address and the network mode'],
    [hasPorts || hostConfig.PublishAllPorts, 'port publishing and the container type network mode'],
  ];
  const found = conflicts.find(([isThere]) => isThere);
  if (found !== undefined) throw invalid(`conflicting options: ${found[1]}`);
}
