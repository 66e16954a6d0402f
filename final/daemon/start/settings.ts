// The daemon's settings: what they are called as a flag and in the configuration file, and their
// form.
//
// - `settingsSchema`, `Settings`   by the names of the file; everything has a default
// - `flags`                        flag, key, what it takes, what it does
//
// Both come from one table. The names are dockerd's, so that an operator's file works as it is.
// What this engine has no use for is no setting of it: a name that is not in the table stops the
// daemon before anything has begun.

import { z } from 'zod';
import { parseSize } from '../../libcontainer/groups.ts';

const path = z.string().regex(/^\//, 'must be an absolute path');
const strings = z.array(z.string());
const address = z.union([z.ipv4(), z.ipv6()], 'an address is expected');
const texts = z.record(z.string(), z.string());
const label = z.string().regex(/^[^=]+(=.*)?$/, 'must be KEY or KEY=VALUE');

/** The flag writes it as `base=10.0.0.0/8,size=24`. */
const pool = z.preprocess(
  value => (typeof value === 'string' ? ofWords(value) : value),
  z
    .strictObject(
      {
        base: z.cidrv4('a subnet is expected, as in 10.0.0.0/8'),
        size: z.int('a number is expected').max(30),
      },
      'base=SUBNET,size=LENGTH is expected',
    )
    .refine(({ base, size }) => size >= Number(base.split('/')[1]), 'size is shorter than base'),
);

const pools = z.array(pool);

function ofWords(text: string) {
  const words = text.split(',').map(word => {
    const [key = '', value = ''] = word.split('=');
    return [key, key === 'size' && /^\d+$/.test(value) ? Number(value) : value] as const;
  });
  return Object.fromEntries(words);
}

/** The file has them by driver; the flag one by one, as `bridge=KEY=VALUE`. */
const networkOptions = z.preprocess(
  (value, context) => (Array.isArray(value) ? byDriver(value.map(String), context) : value),
  z.record(z.string(), texts),
);

function byDriver(lines: readonly string[], context: z.RefinementCtx) {
  const all: Record<string, Record<string, string>> = {};
  for (const line of lines) {
    const [, driver, key, value] = /^([^=]+)=([^=]+)=(.*)$/s.exec(line) ?? [];
    if (driver === undefined || key === undefined || value === undefined) {
      context.addIssue({ code: 'custom', message: 'DRIVER=KEY=VALUE is expected' });
    } else all[driver] = { ...all[driver], [key]: value };
  }
  return all;
}

/** In bytes; with a unit as in 128m. */
const size = z.union([z.int().min(0), z.string().transform(bytesOf)], 'a size is expected: 128m');

function bytesOf(text: string, context: z.RefinementCtx): number {
  try {
    return parseSize(text);
  } catch {
    context.addIssue({ code: 'custom', message: 'no size' });
    return z.NEVER;
  }
}

const limit = z
  .strictObject({ Name: z.string(), Hard: z.int(), Soft: z.int() }, 'NAME=SOFT[:HARD] is expected')
  .refine(({ Soft, Hard }) => Hard === -1 || (Soft !== -1 && Soft <= Hard), 'soft is above hard');

/** The file has them by name; the flag one by one. */
const ulimits = z.preprocess(
  value => (Array.isArray(value) ? byName(value.map(String)) : value),
  z.record(z.string(), limit),
);

function byName(lines: readonly string[]) {
  const all = lines.map(line => {
    const [, Name, soft, hard = soft] = /^([a-z]+)=(-?\d+)(?::(-?\d+))?$/.exec(line) ?? [];
    if (Name === undefined) return [line, undefined] as const;
    return [Name, { Name, Soft: Number(soft), Hard: Number(hard) }] as const;
  });
  return Object.fromEntries(all);
}

const execOption = z
  .string()
  .regex(/^native\.cgroupdriver=/, 'the only option is native.cgroupdriver')
  .regex(/=cgroupfs$/, 'the only driver of control groups is cgroupfs: none asks systemd for them');

const rules = z
  .boolean()
  .refine(Boolean, 'without rules no port is published: false is not possible')
  .default(true);

/** @param flag if it is not the key with two dashes */
function of<Schema extends z.ZodType>(schema: Schema, help: string, flag?: string) {
  return { schema, help, flag };
}

const table = {
  hosts: of(
    strings.default(['unix:///run/slipway.sock']),
    'listen here: unix:///path, tcp://address:port, fd://N; may be repeated',
    '-H, --host',
  ),
  'data-root': of(path.default('/var/lib/slipway-engine'), 'what is kept'),
  'exec-root': of(path.default('/run/slipway'), 'what lasts until the next boot'),
  pidfile: of(path.optional(), 'file for our process id', '-p, --pidfile'),
  group: of(z.string().optional(), 'group that may use the unix socket', '-G, --group'),
  debug: of(z.boolean().default(false), 'the same as --log-level debug', '-D, --debug'),
  'log-level': of(
    z.enum(['debug', 'info', 'warn', 'error', 'fatal']).default('info'),
    'debug, info, warn, error, fatal',
    '-l, --log-level',
  ),
  'storage-driver': of(z.string().optional(), 'graph driver', '-s, --storage-driver'),
  'exec-driver': of(z.string().default('native'), 'execution driver', '-e, --exec-driver'),
  'exec-opts': of(z.array(execOption).default([]), 'native.cgroupdriver=cgroupfs', '--exec-opt'),
  'no-new-privileges': of(
    z.boolean().default(false),
    'nobody gains rights by running a program, of who does not say',
  ),
  'seccomp-profile': of(
    z
      .string()
      .regex(/^(\/|builtin$|unconfined$)/, 'a path, builtin or unconfined')
      .default('builtin'),
    'filter of system calls of who does not say: a file, builtin, unconfined',
  ),
  'default-ulimits': of(
    ulimits.default({}),
    'limit of processes, NAME=SOFT[:HARD], of who does not say; may be repeated',
    '--default-ulimit',
  ),
  'default-shm-size': of(size.default(64 << 20), 'of /dev/shm, as in 128m, of who does not say'),
  'default-ipc-mode': of(
    z.enum(['private', 'shareable']).default('private'),
    'private, shareable: of who does not say',
  ),
  'default-cgroupns-mode': of(
    z.enum(['host', 'private']).optional(),
    'host, private: of who does not say; private where groups are version 2',
  ),
  'host-gateway-ip': of(address.optional(), 'what host-gateway stands for'),
  bip: of(z.string().optional(), 'address and network of the bridge'),
  'fixed-cidr': of(
    z.cidrv4('a subnet is expected, as in 10.0.1.0/24').optional(),
    'part of the bridge’s subnet that containers have addresses of',
  ),
  ipv6: of(z.boolean().default(false), 'addresses of version 6 on the default bridge, too'),
  'fixed-cidr-v6': of(
    z.cidrv6('a subnet is expected, as in fd00:1::/64').optional(),
    'subnet of version 6 of the default bridge',
  ),
  bridge: of(
    z.string().optional(),
    'link that the default bridge network is; none: there is no such network',
    '-b, --bridge',
  ),
  iptables: of(rules, 'rules for published ports (by nftables); true'),
  ip6tables: of(rules, 'the same of version 6; true'),
  'userland-proxy': of(
    z
      .boolean()
      .refine(is => !is, 'there is none: the kernel forwards from loopback, too')
      .default(false),
    'false: the kernel does it',
  ),
  icc: of(z.boolean().default(true), 'containers on the default bridge reach each other'),
  ip: of(address.optional(), 'publish ports on this address of the host'),
  'default-address-pools': of(
    pools.default([]),
    'subnets for networks, base=10.0.0.0/8,size=24; may be repeated',
    '--default-address-pool',
  ),
  'default-network-opts': of(
    networkOptions.default({}),
    'option of new networks, DRIVER=KEY=VALUE; may be repeated',
    '--default-network-opt',
  ),
  init: of(z.boolean().default(false), 'run an init in containers, of who does not say'),
  mtu: of(z.int().min(68).max(65_535).optional(), 'largest packet on the default bridge'),
  dns: of(z.array(address).default([]), 'name server for containers'),
  'dns-search': of(strings.default([]), 'search domain for containers'),
  'dns-opts': of(strings.default([]), 'option of their resolv.conf', '--dns-opt'),
  'shutdown-timeout': of(
    z.int().min(-1).default(15),
    'seconds that containers have when the daemon stops; -1: as long as it takes',
  ),
  'live-restore': of(z.boolean().default(false), 'leave containers running then'),
  'log-driver': of(z.string().default('json-file'), 'default log driver'),
  'log-opts': of(texts.default({}), 'its options, KEY=VALUE', '--log-opt'),
  experimental: of(z.boolean().default(false), 'said to clients; there is nothing that it adds'),
  labels: of(z.array(label).default([]), 'label of this daemon, KEY=VALUE', '--label'),
  'insecure-registries': of(strings.default([]), 'without TLS', '--insecure-registry'),
  'registry-mirrors': of(strings.default([]), 'asked first', '--registry-mirror'),
  tls: of(z.boolean().optional(), 'TLS on tcp hosts'),
  tlsverify: of(z.boolean().optional(), 'TLS, and clients show a certificate'),
  tlscacert: of(path.optional(), 'who signs those'),
  tlscert: of(path.optional(), 'our certificate'),
  tlskey: of(path.optional(), 'its key'),
};

type Table = typeof table;
type Shape = { readonly [Key in keyof Table]: Table[Key]['schema'] };

const entries = Object.entries(table);

// What each key has is the schema that stands beside it above.
const shape = Object.fromEntries(entries.map(([key, { schema }]) => [key, schema])) as Shape;

export const settingsSchema = z.strictObject(shape);

export type Settings = z.output<typeof settingsSchema>;

export interface Flag {
  readonly flag: string;
  readonly key: string;
  readonly kind: 'text' | 'number' | 'yes' | 'list' | 'map';
  readonly help: string;
}

export const flags: readonly Flag[] = entries.map(([key, { schema, help, flag = `--${key}` }]) => ({
  ...{ flag, key, help },
  kind: kindOf(schema.unwrap()),
}));

function kindOf(schema: z.ZodType): Flag['kind'] {
  if (schema instanceof z.ZodBoolean) return 'yes';
  if (schema instanceof z.ZodNumber) return 'number';
  if (schema instanceof z.ZodArray || schema instanceof z.ZodPipe) return 'list';
  return schema instanceof z.ZodRecord ? 'map' : 'text';
}
