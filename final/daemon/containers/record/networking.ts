// Where a container is plugged in: what was asked for each network, and what came of it.
//
// - `networkingSchema`: `NetworkingConfig` of a create request
// - `EndpointSettings`: one network's part of it, as an inspection shows it

import { z } from 'zod';
import { list, map, maybe, text, whole } from './go-json.ts';

const nothing = <Inner extends z.ZodType>(inner: Inner) =>
  inner.nullish().transform((value): z.output<Inner> | null => value ?? null);

export const endpointSchema = z.object({
  IPAMConfig: nothing(
    z.object({
      IPv4Address: maybe(z.string()),
      IPv6Address: maybe(z.string()),
      LinkLocalIPs: maybe(z.array(z.string())),
    }),
  ),
  Links: list(z.string()),
  Aliases: list(z.string()),
  MacAddress: text,
  DriverOpts: map(text),
  NetworkID: text,
  EndpointID: text,
  Gateway: text,
  IPAddress: text,
  IPPrefixLen: whole,
  IPv6Gateway: text,
  GlobalIPv6Address: text,
  GlobalIPv6PrefixLen: whole,
  DNSNames: list(z.string()),
});
export type EndpointSettings = z.output<typeof endpointSchema>;

export const emptyEndpoint = (): EndpointSettings => endpointSchema.parse({});

const endpoints = z.record(
  z.string(),
  endpointSchema.nullish().transform(endpoint => endpoint ?? emptyEndpoint()),
);

export const networkingSchema = z.object({
  EndpointsConfig: endpoints.nullish().transform(entries => entries ?? {}),
});
export type Networking = z.output<typeof networkingSchema>;
