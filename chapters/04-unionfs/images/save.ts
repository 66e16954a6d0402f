// Images leave: one tar that `docker load`, skopeo and umoci all understand.
//
// - `saveImages(store, wanted)`: the tar's bytes, in pieces
//
//     blobs/sha256/…   each layer, the configuration, the manifest     (both)
//     index.json, oci-layout                                           (OCI layout)
//     manifest.json, repositories                                      (docker load)
//
// Layers are plain tars and come out as they came in, to the byte: each is held against
// its diff id while it passes. Sources: OCI image specification, image-layout.md.

import { paddingOf, rootsEntry, type TarEntry } from '../tar/entry.ts';
import { endOfArchive, entryHeader } from '../tar/writer.ts';
import { digested } from '../layers/diff.ts';
import { digestOf, hexOf, type Digest } from '../layers/digest.ts';
import type { ImageStore, StoredImage } from '../store/store.ts';
import { ImageRefused } from './schemas.ts';

export interface WantedImage {
  readonly image: StoredImage;
  /** Such as `busybox:latest`. */
  readonly names: readonly string[];
  /** Of those that are saved with it: the one that it was made from. */
  readonly parent?: Digest | undefined;
}

/**
 * @param fullName of an image, with its registry; containerd reads that one
 * @throws ImageRefused if a layer's files were changed in the store
 */
export function* saveImages(
  store: ImageStore,
  wanted: readonly WantedImage[],
  fullName = (name: string): string => name,
): Generator<Buffer> {
  yield entryHeader(plain('blobs', 'folder'));
  yield entryHeader(plain('blobs/sha256', 'folder'));
  // What images share is there once.
  const written = new Set<Digest>();
  const saved: About[] = [];
  for (const { image, names, parent } of wanted) {
    const layers = yield* layersOf(store, image, written);
    const config = store.configBytes(image.id);
    const about = { config, id: image.id, layers, names, parent };
    const manifest = manifestOf(about);
    yield* blob(config, written);
    yield* blob(manifest, written);
    saved.push({ ...about, manifest });
  }
  yield* document('index.json', indexOf(saved, fullName));
  yield* document('manifest.json', json(saved.map(savedOf)));
  yield* document('oci-layout', Buffer.from('{"imageLayoutVersion":"1.0.0"}'));
  const repositories = repositoriesOf(saved);
  if (repositories !== undefined) yield* document('repositories', repositories);
  yield endOfArchive;
}

function* layersOf(
  store: ImageStore,
  image: StoredImage,
  written: Set<Digest>,
): Generator<Buffer, readonly Blob[]> {
  const layers: Blob[] = [];
  for (const [number, layer] of image.layers.entries()) {
    const digest = image.config.rootfs.diff_ids[number];
    if (digest === undefined) continue;
    const { driver } = store;
    const size = driver.applied(layer)?.archiveBytes ?? sizeOf(driver.diff(layer));
    if (!written.has(digest)) yield* layerBlob(driver.diff(layer), digest, size);
    written.add(digest);
    layers.push({ digest, size });
  }
  return layers;
}

interface Blob {
  readonly digest: Digest;
  readonly size: number;
}

interface About {
  readonly id: Digest;
  readonly config: Buffer;
  readonly layers: readonly Blob[];
  readonly names: readonly string[];
  readonly parent: Digest | undefined;
  readonly manifest: Buffer;
}

function sizeOf(pieces: Iterable<Buffer>): number {
  let size = 0;
  for (const piece of pieces) size += piece.length;
  return size;
}

function* layerBlob(
  pieces: Iterable<Buffer>,
  diffId: Digest,
  size: number,
): Generator<Buffer> {
  yield entryHeader({ ...plain(blobName(diffId), 'file'), size });
  const layer = digested(pieces);
  yield* layer;
  yield Buffer.alloc(paddingOf(size));
  const found = layer.digest();
  if (found === diffId) return;
  throw new ImageRefused(`the layer ${diffId} was changed in the store: ${found} now`);
}

function* blob(bytes: Buffer, written: Set<Digest>): Generator<Buffer> {
  const digest = digestOf(bytes);
  if (!written.has(digest)) yield* document(blobName(digest), bytes);
  written.add(digest);
}

function* document(name: string, bytes: Buffer): Generator<Buffer> {
  yield entryHeader({ ...plain(name, 'file'), size: bytes.length });
  yield bytes;
  yield Buffer.alloc(paddingOf(bytes.length));
}

function blobName(digest: Digest): string {
  return `blobs/sha256/${hexOf(digest)}`;
}

const types = 'application/vnd.oci.image';

function manifestOf({ id, config, layers }: Omit<About, 'manifest'>): Buffer {
  return json({
    schemaVersion: 2,
    mediaType: `${types}.manifest.v1+json`,
    config: {
      mediaType: `${types}.config.v1+json`,
      digest: id,
      size: config.length,
    },
    layers: layers.map(descriptorOf),
  });
}

function descriptorOf({ digest, size }: Blob): unknown {
  return { mediaType: `${types}.layer.v1.tar`, size, digest };
}

function indexOf(saved: readonly About[], fullName: (name: string) => string): Buffer {
  const manifests = saved.flatMap(({ manifest, names }) => {
    const about = {
      mediaType: `${types}.manifest.v1+json`,
      digest: digestOf(manifest),
      size: manifest.length,
    };
    const named = names.map(name => ({
      ...about,
      annotations: annotationsOf(name, fullName(name)),
    }));
    return named.length > 0 ? named : [about];
  });
  return json({ schemaVersion: 2, mediaType: `${types}.index.v1+json`, manifests });
}

function annotationsOf(name: string, full: string): Readonly<Record<string, string>> {
  return {
    'io.containerd.image.name': full,
    'org.opencontainers.image.ref.name': name.slice(name.lastIndexOf(':') + 1),
  };
}

function savedOf({ id, layers, names, parent }: About): unknown {
  const Layers = layers.map(({ digest }) => blobName(digest));
  const sources = layers.map(layer => [layer.digest, descriptorOf(layer)]);
  return {
    Config: blobName(id),
    RepoTags: names.length > 0 ? names : null,
    Layers,
    ...(parent && { Parent: parent }),
    LayerSources: Object.fromEntries(sources),
  };
}

/** What came before manifest.json: a name, a tag, the highest layer. */
function repositoriesOf(saved: readonly About[]): Buffer | undefined {
  const found: Record<string, Record<string, string>> = {};
  for (const { names, layers } of saved) {
    const top = layers.at(-1);
    if (top === undefined) continue;
    for (const name of names) {
      const colon = name.lastIndexOf(':');
      const tags = (found[name.slice(0, colon)] ??= {});
      tags[name.slice(colon + 1)] = hexOf(top.digest);
    }
  }
  return Object.keys(found).length === 0 ? undefined : json(found);
}

function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}

function plain(name: string, kind: 'file' | 'folder'): TarEntry {
  return { ...rootsEntry, name, kind, mode: kind === 'file' ? 0o644 : 0o755 };
}
