// The daemon's settings: what they are called as a flag and in the configuration file, and their
// form.
//
// - `settingsSchema`, `Settings`   by the names of the file; everything has a default
// - `flags`                        the table: flag, key, what it does
//
// The names are dockerd's, so that an operator's file works as it is. What this engine has no use
// for is no setting of it: a name that is not in the table stops the daemon before anything has
// begun.

import { z } from 'zod';

const path = z.string().regex(/^\//, 'must be an absolute path');
const strings = z.array(z.string());

export const settingsSchema = z.strictObject({
  hosts: strings.default(['unix:///run/slipway.sock']),
  'data-root': path.default('/var/lib/slipway-engine'),
  'exec-root': path.default('/run/slipway'),
  pidfile: path.optional(),
  group: z.string().optional(),
  debug: z.boolean().default(false),
  'log-level': z.enum(['debug', 'info', 'warn', 'error', 'fatal']).default('info'),
  'storage-driver': z.string().optional(),
  'exec-driver': z.string().default('native'),
  bip: z.string().optional(),
  bridge: z.string().optional(),
  mtu: z.int().min(68).max(65_535).optional(),
  dns: strings.default([]),
  'dns-search': strings.default([]),
  'dns-opts': strings.default([]),
  'shutdown-timeout': z.int().min(-1).default(15),
  'live-restore': z.boolean().default(false),
  'log-driver': z.string().default('json-file'),
  'log-opts': z.record(z.string(), z.string()).default({}),
  labels: z.array(z.string().regex(/^[^=]+(=.*)?$/, 'must be KEY or KEY=VALUE')).default([]),
  'insecure-registries': strings.default([]),
  'registry-mirrors': strings.default([]),
  tls: z.boolean().optional(),
  tlsverify: z.boolean().optional(),
  tlscacert: path.optional(),
  tlscert: path.optional(),
  tlskey: path.optional(),
});

export type Settings = z.output<typeof settingsSchema>;
export type SettingName = keyof Settings;

export interface Flag {
  readonly flag: string;
  readonly key: SettingName;
  readonly kind: 'text' | 'number' | 'yes' | 'list' | 'map';
  readonly help: string;
}

export const flags: readonly Flag[] = [
  {
    flag: '-H, --host',
    key: 'hosts',
    kind: 'list',
    help: 'listen here: unix:///path, tcp://address:port, fd://N; may be repeated',
  },
  { flag: '--data-root', key: 'data-root', kind: 'text', help: 'what is kept' },
  { flag: '--exec-root', key: 'exec-root', kind: 'text', help: 'what lasts until the next boot' },
  { flag: '-p, --pidfile', key: 'pidfile', kind: 'text', help: 'file for our process id' },
  { flag: '-G, --group', key: 'group', kind: 'text', help: 'group that may use the unix socket' },
  { flag: '-D, --debug', key: 'debug', kind: 'yes', help: 'the same as --log-level debug' },
  {
    flag: '-l, --log-level',
    key: 'log-level',
    kind: 'text',
    help: 'debug, info, warn, error, fatal',
  },
  { flag: '-s, --storage-driver', key: 'storage-driver', kind: 'text', help: 'graph driver' },
  { flag: '-e, --exec-driver', key: 'exec-driver', kind: 'text', help: 'execution driver' },
  { flag: '--bip', key: 'bip', kind: 'text', help: 'address and network of the bridge' },
  {
    flag: '-b, --bridge',
    key: 'bridge',
    kind: 'text',
    help: 'a bridge that exists; none for no bridge',
  },
  { flag: '--mtu', key: 'mtu', kind: 'number', help: 'largest packet on the bridge' },
  { flag: '--dns', key: 'dns', kind: 'list', help: 'name server for containers' },
  { flag: '--dns-search', key: 'dns-search', kind: 'list', help: 'search domain for containers' },
  { flag: '--dns-opt', key: 'dns-opts', kind: 'list', help: 'option of their resolv.conf' },
  {
    flag: '--shutdown-timeout',
    key: 'shutdown-timeout',
    kind: 'number',
    help: 'seconds that containers have when the daemon stops; -1: as long as it takes',
  },
  {
    flag: '--live-restore',
    key: 'live-restore',
    kind: 'yes',
    help: 'leave containers running then',
  },
  { flag: '--log-driver', key: 'log-driver', kind: 'text', help: 'default log driver' },
  { flag: '--log-opt', key: 'log-opts', kind: 'map', help: 'its options, KEY=VALUE' },
  { flag: '--label', key: 'labels', kind: 'list', help: 'label of this daemon, KEY=VALUE' },
  { flag: '--insecure-registry', key: 'insecure-registries', kind: 'list', help: 'without TLS' },
  { flag: '--registry-mirror', key: 'registry-mirrors', kind: 'list', help: 'asked first' },
  { flag: '--tls', key: 'tls', kind: 'yes', help: 'TLS on tcp hosts' },
  {
    flag: '--tlsverify',
    key: 'tlsverify',
    kind: 'yes',
    help: 'TLS, and clients show a certificate',
  },
  { flag: '--tlscacert', key: 'tlscacert', kind: 'text', help: 'who signs those' },
  { flag: '--tlscert', key: 'tlscert', kind: 'text', help: 'our certificate' },
  { flag: '--tlskey', key: 'tlskey', kind: 'text', help: 'its key' },
];
