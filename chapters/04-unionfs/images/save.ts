// An image leaves: one tar that `docker load`, skopeo and umoci all understand.
//
// - `saveImage(store, image, names)`: the tar's bytes, in pieces
//
//     blobs/sha256/…   each layer, the configuration, the manifest     (both)
//     index.json, oci-layout                                           (OCI layout)
//     manifest.json                                                    (docker load)
//
// Layers are plain tars and come out as they came in, to the byte: each is held against
// its diff id while it passes. Sources: OCI image specification, image-layout.md.

import { paddingOf, rootsEntry, type TarEntry } from '../tar/entry.ts';
import { endOfArchive, entryHeader } from '../tar/writer.ts';
import { digested } from '../layers/diff.ts';
import { digestOf, hexOf, type Digest } from '../layers/digest.ts';
import type { ImageStore, StoredImage } from '../store/store.ts';
import { ImageRefused } from './schemas.ts';

/** @throws ImageRefused if a layer's files were changed in the store */
export function* saveImage(
  store: ImageStore,
  image: StoredImage,
  names: readonly string[],
): Generator<Buffer> {
  const config = store.configBytes(image.id);
  const layers: Blob[] = [];
  yield entryHeader(plain('blobs', 'folder'));
  yield entryHeader(plain('blobs/sha256', 'folder'));
  for (const [number, layer] of image.layers.entries()) {
    const diffId = image.config.rootfs.diff_ids[number];
    if (diffId === undefined) continue;
    const size = sizeOf(store.driver.diff(layer));
    if (!layers.some(({ digest }) => digest === diffId)) {
      yield* layerBlob(store.driver.diff(layer), diffId, size);
    }
    layers.push({ digest: diffId, size });
  }
  yield* document(blobName(image.id), config);
  const about = { config, id: image.id, layers };
  const manifest = manifestOf(about);
  yield* document(blobName(digestOf(manifest)), manifest);
  yield* document('index.json', indexOf(manifest, names));
  yield* document('manifest.json', savedOf(about, names));
  yield* document('oci-layout', Buffer.from('{"imageLayoutVersion":"1.0.0"}'));
  yield endOfArchive;
}

interface Blob {
  readonly digest: Digest;
  readonly size: number;
}

interface About {
  readonly id: Digest;
  readonly config: Buffer;
  readonly layers: readonly Blob[];
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

function* document(name: string, bytes: Buffer): Generator<Buffer> {
  yield entryHeader({ ...plain(name, 'file'), size: bytes.length });
  yield bytes;
  yield Buffer.alloc(paddingOf(bytes.length));
}

function blobName(digest: Digest): string {
  return `blobs/sha256/${hexOf(digest)}`;
}

const types = 'application/vnd.oci.image';

function manifestOf({ id, config, layers }: About): Buffer {
  return json({
    schemaVersion: 2,
    mediaType: `${types}.manifest.v1+json`,
    config: {
      mediaType: `${types}.config.v1+json`,
      digest: id,
      size: config.length,
    },
    layers: layers.map(layer => ({ mediaType: `${types}.layer.v1.tar`, ...layer })),
  });
}

function indexOf(manifest: Buffer, names: readonly string[]): Buffer {
  const about = {
    mediaType: `${types}.manifest.v1+json`,
    digest: digestOf(manifest),
    size: manifest.length,
  };
  const manifests = names.map(name => ({
    ...about,
    annotations: {
      'io.containerd.image.name': name,
      'org.opencontainers.image.ref.name': name.slice(name.lastIndexOf(':') + 1),
    },
  }));
  return json({
    schemaVersion: 2,
    mediaType: `${types}.index.v1+json`,
    manifests: manifests.length > 0 ? manifests : [about],
  });
}

function savedOf({ id, layers }: About, names: readonly string[]): Buffer {
  const Layers = layers.map(({ digest }) => blobName(digest));
  return json([{ Config: blobName(id), RepoTags: names, Layers }]);
}

function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}

function plain(name: string, kind: 'file' | 'folder'): TarEntry {
  return { ...rootsEntry, name, kind, mode: kind === 'file' ? 0o644 : 0o755 };
}
