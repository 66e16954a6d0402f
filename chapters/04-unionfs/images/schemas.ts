// The documents of an image, checked at the door.
//
// - `imageConfig`: what the image is: layers, environment, command, history
// - `manifest`, `index`: which blobs belong together (OCI, and Docker's alike)
// - `savedManifest`: `manifest.json` of a `docker save`
// - `parseJson(schema, bytes, what)`: the document, or an error naming it
//
// Fields that nobody here needs are kept, so that a commit does not lose them.
// Sources: OCI image specification (config.md, manifest.md, image-index.md).

import { z } from 'zod';
import { isDigest, type Digest } from '../layers/digest.ts';

const digest = z.custom<Digest>(value => typeof value === 'string' && isDigest(value), {
  error: 'no sha256 digest',
});

const words = z.array(z.string()).nullish();

/** A list, which Go writes as null when nothing is in it. */
const list = <Item extends z.ZodType>(item: Item) =>
  z
    .array(item)
    .nullish()
    .transform(items => items ?? []);

const runConfig = z.looseObject({
  User: z.string().nullish(),
  Env: words,
  Entrypoint: words,
  Cmd: words,
  WorkingDir: z.string().nullish(),
  Labels: z.record(z.string(), z.string()).nullish(),
  Volumes: z.record(z.string(), z.unknown()).nullish(),
  ExposedPorts: z.record(z.string(), z.unknown()).nullish(),
});

const historyEntry = z.looseObject({
  created: z.string().nullish(),
  created_by: z.string().optional(),
  author: z.string().optional(),
  comment: z.string().optional(),
  empty_layer: z.boolean().optional(),
});

export const imageConfig = z.looseObject({
  created: z.string().nullish(),
  author: z.string().optional(),
  architecture: z.string().default(''),
  os: z.string().default('linux'),
  config: runConfig.nullish(),
  rootfs: z.looseObject({ type: z.literal('layers'), diff_ids: list(digest) }),
  history: z.array(historyEntry).nullish(),
});

const descriptor = z.looseObject({
  mediaType: z.string().optional(),
  digest,
  size: z.number().int().nonnegative(),
  platform: z.looseObject({ architecture: z.string(), os: z.string() }).optional(),
  annotations: z.record(z.string(), z.string()).optional(),
});

export const manifest = z.looseObject({
  schemaVersion: z.literal(2),
  mediaType: z.string().optional(),
  config: descriptor,
  layers: list(descriptor),
});

export const index = z.looseObject({
  schemaVersion: z.literal(2),
  mediaType: z.string().optional(),
  manifests: z.array(descriptor),
});

export const savedManifest = z.array(
  z.looseObject({
    Config: z.string(),
    RepoTags: z.array(z.string()).nullish(),
    Parent: z.string().nullish(),
    Layers: list(z.string()),
  }),
);

export type ImageConfig = z.infer<typeof imageConfig>;
export type RunConfig = z.infer<typeof runConfig>;
export type HistoryEntry = z.infer<typeof historyEntry>;
export type Descriptor = z.infer<typeof descriptor>;

export class ImageRefused extends Error {
  override readonly name = 'ImageRefused';
}

/** @throws ImageRefused naming the document and what in it does not fit */
export function parseJson<T>(schema: z.ZodType<T>, bytes: Buffer, what: string): T {
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString('utf8'));
  } catch (cause) {
    throw new ImageRefused(`${what} is no JSON`, { cause });
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const where = issue?.path.join('.') ?? '';
  throw new ImageRefused(`${what}: ${where}: ${issue?.message ?? 'it does not fit'}`);
}
