// What a caller asks of the networks that a container is plugged into.
//
// - `networkingSchema`: `NetworkingConfig` of a create request
// - `endpointSchema`: one network's part of it, as a record keeps it
//
// Clients send whole endpoints back, with addresses of the past: those are not looked at.

import { z } from 'zod';
import type { AskedEndpoint } from '../../../networkdriver/settings.ts';
import { list, map, maybe, text } from './go-json.ts';

export const endpointSchema: z.ZodType<AskedEndpoint> = z.object({
  IPAMConfig: z
    .object({
      IPv4Address: maybe(z.string()),
      IPv6Address: maybe(z.string()),
      LinkLocalIPs: maybe(z.array(z.string())),
    })
    .nullish()
    .transform(value => value ?? null),
  Links: list(z.string()),
  Aliases: list(z.string()),
  MacAddress: text,
  DriverOpts: map(text),
  GwPriority: maybe(z.int()),
  /** Of the network that it was in when it ran last. */
  NetworkID: maybe(z.string()),
});

export const networkingSchema = z.object({
  EndpointsConfig: z
    .record(
      z.string(),
      endpointSchema.nullish().transform(endpoint => endpoint ?? endpointSchema.parse({})),
    )
    .nullish()
    .transform(entries => entries ?? {}),
});
export type Networking = z.output<typeof networkingSchema>;
