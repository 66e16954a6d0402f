// What is kept of a network, and survives the daemon.
//
// - `networkRecordSchema`, `NetworkRecord`: one document of the table `networks`
// - `isPredefined(name)`: bridge, host, none: always there, never removed
// - `newNetworkId()`: 64 hexadecimal digits
//
// Who is in it is not kept here: that is what the leases say.

import { randomBytes } from 'node:crypto';
import { z } from 'zod';

const texts = z.record(z.string(), z.string());

const ipamConfigSchema = z.object({
  Subnet: z.string(),
  IPRange: z.string().optional(),
  Gateway: z.string().optional(),
  AuxiliaryAddresses: texts.optional(),
});

export type IpamConfig = z.output<typeof ipamConfigSchema>;

export const networkRecordSchema = z.object({
  version: z.literal(1),
  id: z.string().regex(/^[0-9a-f]{64}$/),
  name: z.string(),
  /** RFC 3339 with nanoseconds. */
  created: z.string(),
  driver: z.enum(['bridge', 'host', 'null']),
  internal: z.boolean(),
  attachable: z.boolean(),
  enableIpv6: z.boolean(),
  ipam: z.object({
    driver: z.string(),
    options: texts.nullable(),
    /** As an inspection shows it; the first of each version counts. */
    config: z.array(ipamConfigSchema),
  }),
  /** Subnets that a user chose, by version: only in those may he choose addresses, too. */
  chosen: z.object({ four: z.boolean(), six: z.boolean() }),
  options: texts,
  labels: texts,
  /** Of the bridge driver: the name of its link. */
  bridge: z.string(),
  mtu: z.int(),
  /** It is a configuration for others. */
  configOnly: z.boolean().optional(),
  /** The name of the one that it is made from. */
  configFrom: z.string().optional(),
});

export type NetworkRecord = Readonly<z.output<typeof networkRecordSchema>>;

export function isPredefined(name: string): boolean {
  return name === 'bridge' || name === 'host' || name === 'none';
}

export function newNetworkId(): string {
  return randomBytes(32).toString('hex');
}
