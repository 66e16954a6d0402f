// What can be said of a container's networks when it is created: nothing of them is made yet.
//
// - `planNetworks(request, find)`: by name, as the record keeps it
//
// A network that does not exist is refused at the start, as Docker does: it may come until then.
// Source: daemon/create.go and runconfig/hostconfig_unix.go of moby, for the words.

import { invalid } from '../../engine/refusal.ts';
import { joined } from '../complaints.ts';
import type { NetworkedContainer } from '../driver.ts';
import type { NetworkRecord } from '../network/record.ts';
import type { AskedEndpoint } from '../settings.ts';
import { complaintOf } from './validate.ts';

/** The part of a create request that is about networks. */
export interface NetworkingRequest {
  readonly config: NetworkedContainer['config'] & {
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
  if (mode.startsWith('container:')) return {};
  const main = mode === 'default' ? 'bridge' : (find(mode)?.name ?? mode);
  const named = Object.entries(endpoints).map(([name, asked]) => {
    const isMain = name === mode || name === 'default';
    return [isMain ? main : (find(name)?.name ?? name), asked] as const;
  });
  refuseEndpoints(named, find);
  if (config.NetworkDisabled === true) return {};
  return Object.fromEntries(named.length === 0 ? [[main, nothing]] : named);
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
