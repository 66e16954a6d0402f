// What a container is: `Config` of Docker's API, as it is sent, kept and shown.
//
// - `configSchema`: the fields of a create request that are not about the host
// - `Config`: the same behind the schema; the order of its fields is that of an inspection
// - `emptyConfig`: the one in which nothing is said
//
// Sources: Docker Engine API v1.45, ContainerConfig.

import { z } from 'zod';
import { flag, list, map, maybe, member, text, whole, words } from './go-json.ts';

/** Times in nanoseconds; 0 means the default. */
const healthcheckSchema = z.object({
  Test: maybe(z.array(z.string())),
  Interval: maybe(z.int()),
  Timeout: maybe(z.int()),
  StartPeriod: maybe(z.int()),
  StartInterval: maybe(z.int()),
  Retries: maybe(z.int()),
});

export type Healthcheck = z.output<typeof healthcheckSchema>;

export const configSchema = z.object({
  Hostname: text,
  Domainname: text,
  User: text,
  AttachStdin: flag,
  AttachStdout: flag,
  AttachStderr: flag,
  ExposedPorts: maybe(z.record(z.string(), member)),
  Tty: flag,
  OpenStdin: flag,
  StdinOnce: flag,
  Env: list(z.string()),
  Cmd: words,
  Healthcheck: maybe(healthcheckSchema),
  ArgsEscaped: maybe(z.boolean()),
  Image: text,
  Volumes: map(member),
  WorkingDir: text,
  Entrypoint: words,
  NetworkDisabled: maybe(z.boolean()),
  MacAddress: maybe(z.string()),
  OnBuild: list(z.string()),
  Labels: map(text),
  StopSignal: maybe(z.string()),
  StopTimeout: maybe(whole),
  Shell: words.transform(value => value ?? undefined),
});

export type Config = z.output<typeof configSchema>;

export const emptyConfig = (): Config => configSchema.parse({});
