// Everything that is kept about one container, and survives the daemon.
//
// - `recordSchema`, `ContainerRecord`: one row of the database
// - `ContainerId`: 64 hexadecimal digits
//
// What can be found out otherwise is not kept: addresses belong to the network's records, the
// layers to the graph's.

import { z } from 'zod';
import { configSchema } from './config.ts';
import { hostConfigSchema } from './host-config.ts';
import { endpointSchema } from './networking.ts';
import { mountPointSchema } from '../../../volumes/mount-point.ts';
import { stateSchema } from './state.ts';

export const containerIdSchema = z
  .string()
  .regex(/^[0-9a-f]{64}$/)
  .brand<'ContainerId'>();
export type ContainerId = z.output<typeof containerIdSchema>;

export const recordSchema = z.object({
  version: z.literal(1),
  id: containerIdSchema,
  /** Without the slash. */
  name: z.string(),
  created: z.string(),
  /** `sha256:…` of the image's configuration. */
  imageId: z.string(),
  platform: z.string(),
  path: z.string(),
  args: z.array(z.string()),
  config: configSchema,
  hostConfig: hostConfigSchema,
  /** By the network's name, as asked for. */
  networks: z.record(z.string(), endpointSchema),
  /** What it calls others on the default bridge: alias → the other's id. */
  links: z.record(z.string(), z.string()).optional(),
  mounts: z.array(mountPointSchema),
  state: stateSchema,
  restartCount: z.int(),
  /** Somebody asked for it to stop: `unless-stopped` and `always` leave it so. */
  stoppedByHand: z.boolean(),
  /** Being removed: with the volumes that nobody has named. */
  removesVolumes: z.boolean().optional(),
  /** The graph driver that holds its layer. */
  driver: z.string(),
});
export type ContainerRecord = Readonly<z.output<typeof recordSchema>>;
