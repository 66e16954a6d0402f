// `linux.seccomp` of a runtime configuration: which system calls a container may make.
//
// - `seccompSchema`, `Seccomp`
//
// Source: OCI runtime specification, config-linux.md, "Seccomp"; seccomp(2).

import { z } from 'zod';

const action = z.enum([
  'SCMP_ACT_KILL',
  'SCMP_ACT_KILL_PROCESS',
  'SCMP_ACT_KILL_THREAD',
  'SCMP_ACT_TRAP',
  'SCMP_ACT_ERRNO',
  'SCMP_ACT_TRACE',
  'SCMP_ACT_ALLOW',
  'SCMP_ACT_LOG',
]);

/** As a number of JSON, or in quotes where it does not fit one. */
const value = z.union([z.number().int().min(0), z.string().regex(/^\d{1,20}$/)]);

const argument = z.object({
  index: z.number().int().min(0).max(5),
  value,
  valueTwo: value.optional(),
  op: z.enum([
    'SCMP_CMP_NE',
    'SCMP_CMP_LT',
    'SCMP_CMP_LE',
    'SCMP_CMP_EQ',
    'SCMP_CMP_GE',
    'SCMP_CMP_GT',
    'SCMP_CMP_MASKED_EQ',
  ]),
});

const errno = z.number().int().min(0).max(4095);

const rule = z.object({
  names: z.array(z.string()).min(1).readonly(),
  action,
  errnoRet: errno.optional(),
  args: z.array(argument).readonly().optional(),
});

export const seccompSchema = z.object({
  defaultAction: action,
  defaultErrnoRet: errno.optional(),
  architectures: z.array(z.string().startsWith('SCMP_ARCH_')).readonly().optional(),
  flags: z.array(z.string()).readonly().optional(),
  syscalls: z.array(rule).readonly().optional(),
});

export type Seccomp = Readonly<z.infer<typeof seccompSchema>>;
export type SeccompRule = z.infer<typeof rule>;
export type SeccompArgument = z.infer<typeof argument>;
export type SeccompAction = z.infer<typeof action>;
