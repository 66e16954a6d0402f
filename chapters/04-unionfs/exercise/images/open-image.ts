// Made from ../../images/open-image.ts by `npm run generate`. Nothing is left out here.
// See how far you are, in the folder of the chapter: SUBJECT=exercise/run.ts npm test
//
// An image as it arrives: a folder in the OCI layout, the same as a tar, or the tar of
// a `docker save`.
//
// - `openImage(path, platform?)`: its configuration, and its layers to be read
// - `imagesIn(files, path, platform?)`: all that an archive holds, however it is read
//
//     index.json ─▸ (index ─▸) manifest ─▸ config, layers          OCI
//     manifest.json ─▸ config, layers                              docker save
//
// What has a digest is held against it, whoever delivered it: a document when it is
// read, a layer's blob and its content while it is unpacked.
// Sources: OCI image specification, image-layout.md; docker-save(1).

import { createHash } from 'node:crypto';
import type { z } from 'zod';
import { digestOf, hexOf, type Digest } from '../layers/digest.ts';
import { filesIn, type Files } from './blobs.ts';
import {
  ImageRefused,
  imageConfig,
  index,
  manifest,
  parseJson,
  savedManifest,
  type Descriptor,
  type ImageConfig,
} from './schemas.ts';

export interface OpenImage extends Disposable {
  /** The digest of its configuration. */
  readonly id: Digest;
  readonly config: ImageConfig;
  /** The bytes that the id names. */
  readonly configBytes: Buffer;
  /** The lowest first. */
  readonly layers: readonly ImageLayer[];
  /** Such as `busybox:latest`; a layout may say no more than `latest`. */
  readonly names: readonly string[];
  /** The id of the image that it was made from, if that was saved with it. */
  readonly parent?: string | undefined;
  readonly form: 'layout' | 'saved';
}

export interface ImageLayer {
  readonly diffId: Digest;
  /** The file that holds it, and what its bytes must come to, if the image says so. */
  readonly blob: { readonly name: string; readonly digest?: Digest };
  /** Perhaps compressed; an end too early or other bytes throw ImageRefused. */
  open(): AsyncIterable<Uint8Array>;
}

export interface Platform {
  readonly os: string;
  readonly architecture: string;
}

/** Of this machine, in Go's words. */
export function ownPlatform(arch: string = process.arch): Platform {
  const names: Readonly<Record<string, string>> = { x64: 'amd64', ia32: '386' };
  return { os: 'linux', architecture: names[arch] ?? arch };
}

/** @throws ImageRefused naming the document or the blob that is to blame */
export function openImage(path: string, platform = ownPlatform()): OpenImage {
  const files = filesIn(path);
  try {
    if (files.has('index.json')) return fromLayout(files, path, platform);
    if (files.has('manifest.json')) return fromSaved(files, path);
    const expected = 'neither index.json (OCI) nor manifest.json (docker save)';
    throw new ImageRefused(`${path} is no image: it has ${expected}`);
  } catch (error) {
    files[Symbol.dispose]();
    throw error;
  }
}

/** The files stay the caller's. @throws ImageRefused */
export function imagesIn(
  files: Files,
  path: string,
  platform = ownPlatform(),
): readonly OpenImage[] {
  if (files.has('manifest.json')) {
    return savedIn(files).map(saved => openSaved(files, saved));
  }
  const { manifests } = parseJson(index, files.read('index.json'), 'index.json');
  // Under one name stand the variants of one image; without any, those that differ in
  // what they are for.
  const byName = Map.groupBy(manifests, one => {
    const [name = one.platform === undefined ? one.digest : ''] = namesOf(one, []);
    return name;
  });
  return [...byName.values()].map(some => fromIndex(files, some, path, platform));
}

function fromLayout(files: Files, path: string, platform: Platform): OpenImage {
  const { manifests } = parseJson(index, files.read('index.json'), 'index.json');
  return fromIndex(files, manifests, path, platform);
}

function fromIndex(
  files: Files,
  offered: readonly Descriptor[],
  path: string,
  platform: Platform,
): OpenImage {
  const chosen = choose(files, offered, platform, path);
  const { config: about, layers } = parseJson(
    manifest,
    readBlob(files, chosen),
    `manifest ${chosen.digest}`,
  );
  const configBytes = readBlob(files, about);
  return assemble(files, {
    configBytes,
    blobs: layers.map(layer => ({
      name: nameOf(layer),
      digest: layer.digest,
      open: () => openBlob(files, layer),
    })),
    names: namesOf(chosen, offered),
    form: 'layout',
  });
}

/** Through indexes of indexes, to the manifest for this machine. */
function choose(
  files: Files,
  offered: readonly Descriptor[],
  platform: Platform,
  path: string,
  depth = 0,
): Descriptor {
  const first = offered.find(({ platform: of }) =>
    of === undefined
      ? true
      : of.os === platform.os && of.architecture === platform.architecture,
  );
  if (first === undefined || depth > 4) {
    const wanted = `${platform.os}/${platform.architecture}`;
    throw new ImageRefused(`${path} has no image for ${wanted}`);
  }
  if (!/(index|list)\.v\d\+json$|manifest\.list/.test(first.mediaType ?? '')) {
    return first;
  }
  const next = parseJson(index, readBlob(files, first), `index ${first.digest}`);
  const found = choose(files, next.manifests, platform, path, depth + 1);
  return { ...found, annotations: { ...first.annotations, ...found.annotations } };
}

function namesOf(chosen: Descriptor, all: readonly Descriptor[]): readonly string[] {
  const said = [chosen, ...all.slice(0, 1)].flatMap(({ annotations }) => {
    const full = annotations?.['io.containerd.image.name'];
    const short = annotations?.['org.opencontainers.image.ref.name'];
    return [full, short].filter(name => name !== undefined);
  });
  return said.slice(0, 1);
}

function fromSaved(files: Files, path: string): OpenImage {
  const all = savedIn(files);
  const [saved, ...more] = all;
  if (saved === undefined) throw new ImageRefused(`${path} holds no image`);
  if (more.length > 0) throw new ImageRefused(`${path} holds ${all.length} images`);
  return openSaved(files, saved);
}

type SavedImage = z.infer<typeof savedManifest>[number];

function savedIn(files: Files): readonly SavedImage[] {
  return parseJson(savedManifest, files.read('manifest.json'), 'manifest.json');
}

function openSaved(files: Files, saved: SavedImage): OpenImage {
  return assemble(files, {
    configBytes: files.read(saved.Config),
    blobs: saved.Layers.map(name => ({ name, open: () => files.open(name) })),
    names: saved.RepoTags ?? [],
    parent: saved.Parent ?? undefined,
    form: 'saved',
  });
}

interface Parts extends Pick<OpenImage, 'configBytes' | 'form' | 'names' | 'parent'> {
  readonly blobs: readonly (ImageLayer['blob'] & Pick<ImageLayer, 'open'>)[];
}

function assemble(files: Files, { blobs, ...parts }: Parts): OpenImage {
  const { configBytes } = parts;
  const config = parseJson(imageConfig, configBytes, 'the configuration');
  if (!/^(linux)?$/i.test(config.os)) {
    throw new ImageRefused(`cannot load ${config.os} image on linux`);
  }
  const { diff_ids: diffIds } = config.rootfs;
  if (diffIds.length !== blobs.length) {
    const counts = `expected ${blobs.length}, got ${diffIds.length}`;
    throw new ImageRefused(`invalid manifest, layers length mismatch: ${counts}`);
  }
  const layers = blobs.flatMap(({ open, ...blob }, number) => {
    const diffId = diffIds[number];
    return diffId === undefined ? [] : [{ diffId, blob, open }];
  });
  const id = digestOf(configBytes);
  const close = (): void => files[Symbol.dispose]();
  return { ...parts, id, config, layers, [Symbol.dispose]: close };
}

function nameOf({ digest }: Descriptor): string {
  return `blobs/sha256/${hexOf(digest)}`;
}

function readBlob(files: Files, blob: Descriptor): Buffer {
  const bytes = files.read(nameOf(blob));
  const found = digestOf(bytes);
  if (found === blob.digest) return bytes;
  throw new ImageRefused(`blob ${blob.digest} was changed: it is ${found} now`);
}

async function* openBlob(files: Files, blob: Descriptor): AsyncGenerator<Uint8Array> {
  const name = nameOf(blob);
  if (!files.has(name)) throw new ImageRefused(`blob ${blob.digest} is missing`);
  const sum = createHash('sha256');
  for await (const piece of files.open(name)) {
    sum.update(piece);
    yield piece;
  }
  const found = sum.digest('hex');
  if (found === hexOf(blob.digest)) return;
  throw new ImageRefused(`blob ${blob.digest} was changed: it is sha256:${found} now`);
}
// As made: 4c2dcaa4
