// An OCI runtime configuration (`config.json`), as far as it concerns Linux.
//
// - `RuntimeSpec`: the whole object; its parts have types of their own
// - `parseSpec(value)`: of somebody's JSON; null members count as missing
//
// The engine builds such a value for each container, and `program.ts` makes the program of system
// calls from it. What this engine cannot do is refused here, by its name, and never left out in
// silence. Source: OCI runtime specification 1.2, config.md and config-linux.md.

import { z } from 'zod';
import { invalid } from '../engine/refusal.ts';
import { resourcesSchema } from './spec/resources.ts';
import { seccompSchema } from './spec/seccomp.ts';

const id = z.number().int().min(0).max(0xffff_ffff);
const text = z.string().refine(value => !value.includes('\0'), 'holds a NUL byte');
const path = text.refine(value => value.startsWith('/'), 'is no path from /');

const userSchema = z.object({
  uid: id,
  gid: id,
  umask: z.number().int().min(0).max(0o777).optional(),
  additionalGids: z.array(id).readonly().optional(),
});

const names = z.array(z.string()).readonly().optional();

const capabilitiesSchema = z.object({
  bounding: names,
  effective: names,
  inheritable: names,
  permitted: names,
  ambient: names,
});

const rlimitSchema = z.object({
  /** `RLIMIT_NOFILE` and its kin. */
  type: z.string(),
  /** -1, or the kernel's own RLIM_INFINITY: no limit. */
  soft: z.number(),
  hard: z.number(),
});

const processSchema = z.object({
  terminal: z.boolean().optional(),
  consoleSize: z.object({ height: z.number().int(), width: z.number().int() }).optional(),
  user: userSchema,
  args: z.array(text).min(1).readonly(),
  env: z.array(text).readonly().optional(),
  cwd: path,
  capabilities: capabilitiesSchema.optional(),
  rlimits: z.array(rlimitSchema).readonly().optional(),
  noNewPrivileges: z.boolean().optional(),
  oomScoreAdj: z.number().int().min(-1000).max(1000).optional(),
  apparmorProfile: z.string().optional(),
  selinuxLabel: z.string().optional(),
});

const mountSchema = z.object({
  destination: path,
  type: z.string().optional(),
  source: text.optional(),
  options: z.array(text).readonly().optional(),
});

const namespaceSchema = z.object({
  type: z.enum(['pid', 'network', 'mount', 'ipc', 'uts', 'user', 'cgroup', 'time']),
  /** One that is there already, to be joined. */
  path: path.optional(),
});

const mappingSchema = z.object({ containerID: id, hostID: id, size: id });

const deviceSchema = z.object({
  type: z.enum(['c', 'b', 'u']),
  path,
  major: z.number().int(),
  minor: z.number().int(),
  fileMode: z.number().int().optional(),
  uid: id.optional(),
  gid: id.optional(),
});

const linuxSchema = z.object({
  namespaces: z.array(namespaceSchema).readonly().optional(),
  uidMappings: z.array(mappingSchema).readonly().optional(),
  gidMappings: z.array(mappingSchema).readonly().optional(),
  devices: z.array(deviceSchema).readonly().optional(),
  /** `/parent/name`, below the top of each hierarchy. */
  cgroupsPath: z.string().optional(),
  resources: resourcesSchema.optional(),
  seccomp: seccompSchema.optional(),
  /** `net.ipv4.ip_forward` or `net/ipv4/ip_forward` → value. */
  sysctl: z.record(z.string(), z.string()).optional(),
  rootfsPropagation: z.string().optional(),
  maskedPaths: z.array(path).readonly().optional(),
  readonlyPaths: z.array(path).readonly().optional(),
});

const hooks = z.record(z.string(), z.array(z.unknown()));

const specSchema = z.object({
  ociVersion: z.string().regex(/^1\./, 'is not of version 1'),
  process: processSchema,
  root: z.object({ path: z.string(), readonly: z.boolean().optional() }),
  hostname: z.string().optional(),
  domainname: z.string().optional(),
  mounts: z.array(mountSchema).readonly().optional(),
  hooks: hooks
    .refine(all => Object.values(all).every(list => list.length === 0), 'hooks are not run')
    .optional(),
  annotations: z.record(z.string(), z.string()).optional(),
  linux: linuxSchema.optional(),
});

export type RuntimeSpec = Readonly<z.infer<typeof specSchema>>;
export type SpecProcess = RuntimeSpec['process'];
export type SpecMount = z.infer<typeof mountSchema>;
export type SpecDevice = z.infer<typeof deviceSchema>;
export type SpecNamespace = z.infer<typeof namespaceSchema>;
export type SpecRlimit = z.infer<typeof rlimitSchema>;
export type SpecCapabilities = z.infer<typeof capabilitiesSchema>;

/** @throws Refusal INVALID naming each field that is wrong */
export function parseSpec(value: unknown): RuntimeSpec {
  const read = specSchema.safeParse(withoutNulls(value));
  if (read.success) return read.data;
  const problems = read.error.issues.map(
    issue => `${issue.path.join('.') || 'it'}: ${issue.message}`,
  );
  throw invalid(`the runtime configuration is refused: ${problems.join('; ')}`);
}

/** Go writes `null` for a list that nobody made. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== 'object' || value === null) return value;
  const present = Object.entries(value).filter(([, member]) => member !== null);
  return Object.fromEntries(present.map(([key, member]) => [key, withoutNulls(member)]));
}
