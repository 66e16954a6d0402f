// `linux.resources` of a runtime configuration: what a container's control groups keep it to.
//
// - `resourcesSchema`, `Resources`
//
// A member that is missing is not set. Where a number can mean "no limit" it is -1.
// Source: OCI runtime specification, config-linux.md, "Control groups".

import { z } from 'zod';

const whole = z.number().int();

const rate = z.object({ major: whole, minor: whole, rate: z.number() });

const deviceRule = z.object({
  allow: z.boolean(),
  /** `a`: both kinds */
  type: z.enum(['a', 'b', 'c']).optional(),
  /** missing or -1: every number */
  major: whole.optional(),
  minor: whole.optional(),
  access: z
    .string()
    .regex(/^[rwm]{1,3}$/)
    .optional(),
});

const memory = z.object({
  limit: whole.optional(),
  reservation: whole.optional(),
  /** memory and swap together */
  swap: whole.optional(),
  swappiness: whole.min(0).max(100).optional(),
  disableOOMKiller: z.boolean().optional(),
});

const cpu = z.object({
  shares: whole.optional(),
  quota: whole.optional(),
  period: whole.optional(),
  realtimeRuntime: whole.optional(),
  realtimePeriod: whole.optional(),
  cpus: z.string().optional(),
  mems: z.string().optional(),
});

const blockIO = z.object({
  weight: whole.optional(),
  throttleReadBpsDevice: z.array(rate).readonly().optional(),
  throttleWriteBpsDevice: z.array(rate).readonly().optional(),
  throttleReadIOPSDevice: z.array(rate).readonly().optional(),
  throttleWriteIOPSDevice: z.array(rate).readonly().optional(),
});

export const resourcesSchema = z.object({
  devices: z.array(deviceRule).readonly().optional(),
  memory: memory.optional(),
  cpu: cpu.optional(),
  pids: z.object({ limit: whole }).optional(),
  blockIO: blockIO.optional(),
  hugepageLimits: z
    .array(z.object({ pageSize: z.string(), limit: z.number() }))
    .readonly()
    .optional(),
});

export type Resources = Readonly<z.infer<typeof resourcesSchema>>;
export type DeviceAccess = z.infer<typeof deviceRule>;
