// A container's networks as Docker's API writes them: what was asked for, and what it got.
//
// - `AskedEndpoint`: one network of a container, as its record keeps it
// - `askedEndpointSchema`: the same, of a request
// - `EndpointSettings`, `NetworkSettings`: as `inspect` shows them
// - `unconnected(asked)`: an endpoint of a container that does not run
// - `noNetworks`: the settings of a container that has none
//
// What was asked for (aliases, a fixed address) stays with a container that does not run; what it
// got (addresses, ids of endpoints) is empty then. Source: Engine API v1.45, EndpointSettings.

import { z } from 'zod';

const orNull = <Inner extends z.ZodType>(inner: Inner) =>
  inner.nullish().transform((value): z.output<Inner> | null => value ?? null);

/** An empty list says as much as none. */
const words = orNull(z.array(z.string()).readonly()).transform(list =>
  list === null || list.length === 0 ? null : list,
);

/** Addresses that are empty were not asked for. */
const addresses = z
  .object({
    IPv4Address: z.string().nullish(),
    IPv6Address: z.string().nullish(),
    LinkLocalIPs: z.array(z.string()).nullish(),
  })
  .transform(({ IPv4Address, IPv6Address, LinkLocalIPs }) => ({
    ...(IPv4Address && { IPv4Address }),
    ...(IPv6Address && { IPv6Address }),
    ...(LinkLocalIPs && LinkLocalIPs.length > 0 && { LinkLocalIPs }),
  }));

export const askedEndpointSchema = z.object({
  IPAMConfig: orNull(addresses),
  Links: words,
  Aliases: words,
  MacAddress: z
    .string()
    .nullish()
    .transform(value => value ?? ''),
  DriverOpts: orNull(z.record(z.string(), z.string())),
  GwPriority: z
    .int()
    .nullish()
    .transform(value => value ?? 0),
});

/** Of `NetworkingConfig.EndpointsConfig`; addresses that a client sends back are not looked at. */
export interface AskedEndpoint {
  readonly IPAMConfig: AskedAddresses | null;
  readonly Links: readonly string[] | null;
  readonly Aliases: readonly string[] | null;
  /** The hardware address that is wanted; empty for one that follows from the IP address. */
  readonly MacAddress: string;
  readonly DriverOpts: Readonly<Record<string, string>> | null;
  readonly GwPriority?: number | undefined;
  /** Of the network that it was in when it ran last; empty before. */
  readonly NetworkID?: string | undefined;
}

export interface AskedAddresses {
  readonly IPv4Address?: string | undefined;
  readonly IPv6Address?: string | undefined;
  readonly LinkLocalIPs?: readonly string[] | undefined;
}

export interface EndpointSettings {
  readonly IPAMConfig: AskedAddresses | null;
  readonly Links: readonly string[] | null;
  readonly Aliases: readonly string[] | null;
  readonly MacAddress: string;
  readonly DriverOpts: Readonly<Record<string, string>> | null;
  /** Shown from version 1.48 of the API on. */
  readonly GwPriority: number;
  readonly NetworkID: string;
  readonly EndpointID: string;
  readonly Gateway: string;
  readonly IPAddress: string;
  readonly IPPrefixLen: number;
  readonly IPv6Gateway: string;
  readonly GlobalIPv6Address: string;
  readonly GlobalIPv6PrefixLen: number;
  readonly DNSNames: readonly string[] | null;
}

export interface PortBinding {
  readonly HostIp: string;
  readonly HostPort: string;
}

/** By `80/tcp`; null is exposed and not published. */
export type PortMap = Readonly<Record<string, readonly PortBinding[] | null>>;

/** The addresses that a container has on the default bridge, once more at the top. */
type OnDefaultBridge = Pick<
  EndpointSettings,
  | 'EndpointID'
  | 'Gateway'
  | 'GlobalIPv6Address'
  | 'GlobalIPv6PrefixLen'
  | 'IPAddress'
  | 'IPPrefixLen'
  | 'IPv6Gateway'
  | 'MacAddress'
>;

export interface NetworkSettings extends OnDefaultBridge {
  readonly Bridge: '';
  readonly SandboxID: string;
  /** `/proc/PID/ns/net` while it runs. */
  readonly SandboxKey: string;
  readonly Ports: PortMap;
  readonly HairpinMode: false;
  readonly LinkLocalIPv6Address: '';
  readonly LinkLocalIPv6PrefixLen: 0;
  readonly SecondaryIPAddresses: null;
  readonly SecondaryIPv6Addresses: null;
  readonly Networks: Readonly<Record<string, EndpointSettings>>;
}

const nowhere: OnDefaultBridge = {
  EndpointID: '',
  Gateway: '',
  GlobalIPv6Address: '',
  GlobalIPv6PrefixLen: 0,
  IPAddress: '',
  IPPrefixLen: 0,
  IPv6Gateway: '',
  MacAddress: '',
};

export function unconnected(asked: AskedEndpoint): EndpointSettings {
  const { IPAMConfig, Links, Aliases, DriverOpts, GwPriority = 0 } = asked;
  return {
    ...{ IPAMConfig, Links, Aliases, MacAddress: '', DriverOpts, GwPriority },
    ...{ NetworkID: '', ...nowhere, DNSNames: null },
  };
}

export const noNetworks: NetworkSettings = {
  ...{ Bridge: '', SandboxID: '', SandboxKey: '', Ports: {}, HairpinMode: false },
  ...{ LinkLocalIPv6Address: '', LinkLocalIPv6PrefixLen: 0 },
  ...{ SecondaryIPAddresses: null, SecondaryIPv6Addresses: null },
  ...nowhere,
  Networks: {},
};
