// What an archive of images brings, before anybody knows what belongs to what.
//
// - `new Staged(graph)`; disposing removes what nobody has taken
// - `.read(source, { onLayer })`: reads it once, to its end
// - `.files`: its documents, for chapter 04's `imagesIn`
// - `.layer(name)`: what a member became that is a layer
//
// The list of images stands at an archive's end, so a layer comes before its place is known. Its
// bytes are read, hashed and unpacked as they arrive, onto nothing; `adopt` gives it its parent
// later. A member is a layer if it begins like one: packed, or with a tar's first header. Whoever
// wants none of it, wants no error of it either: what a layer was refused for is kept until the
// list of images asks for it.

import { createHash, randomBytes } from 'node:crypto';
import { posix } from 'node:path';
import {
  ImageRefused,
  packingOf,
  parseDigest,
  readHeader,
  type Applied,
  type Digest,
  type Files,
} from '../../libcontainer/layers.ts';
import type { Graph } from '../graph.ts';
import { membersOf } from './members.ts';
import { diskFault } from '../../engine/disk-fault.ts';

export interface StagedLayer {
  /** Its name for the driver: it is unpacked there, on nothing. */
  readonly id: string;
  readonly applied: Applied;
  /** Of its bytes as they came. */
  readonly digest: Digest;
}

export interface StageOptions {
  /** Told while a layer is read: how many bytes of how many. */
  readonly onLayer?: (name: string, bytes: number, size: number) => void;
  readonly signal?: AbortSignal;
}

type Source = AsyncIterable<Uint8Array>;

const largestDocument = 16 << 20;
const mostDocuments = 64 << 20;
const mostMembers = 100_000;

export class Staged implements AsyncDisposable {
  readonly #graph: Graph;
  readonly #documents = new Map<string, Buffer>();
  readonly #layers = new Map<string, StagedLayer | Error>();
  readonly #links = new Map<string, string>();
  #bytes = 0;

  constructor(graph: Graph) {
    this.#graph = graph;
  }

  /** @throws TarRefused, ImageRefused; what was staged goes when this is disposed of */
  async read(source: Source, { onLayer, signal }: StageOptions): Promise<void> {
    let members = 0;
    for await (const { entry, content } of membersOf(source)) {
      signal?.throwIfAborted();
      members += 1;
      if (members > mostMembers) throw new ImageRefused(`it holds more than ${mostMembers} files`);
      const name = plain(entry.name);
      if (entry.kind === 'link') this.#links.set(name, beside(name, entry.target));
      if (entry.kind === 'hardLink') this.#links.set(name, plain(entry.target));
      if (entry.kind !== 'file') continue;
      const { start, whole } = await peek(content);
      if (isLayer(start)) await this.#layer(name, entry.size, whole, onLayer);
      else await this.#document(name, entry.size, whole);
    }
  }

  /** Its layers are not read again: they are asked for by their name (`layer`). */
  get files(): Files {
    return {
      has: name => this.#find(name) !== undefined,
      read: name => {
        const document = this.#documents.get(this.#target(name));
        if (document !== undefined) return document;
        throw new ImageRefused(`the archive has no ${name}`);
      },
      open: name => {
        throw new ImageRefused(`${name} was read already`);
      },
      [Symbol.dispose]: () => undefined,
    };
  }

  /** @throws LayerRefused, ImageRefused: what became of a layer that an image names */
  layer(name: string): StagedLayer {
    const found = this.#layers.get(this.#target(name));
    if (found instanceof Error) throw found;
    if (found !== undefined) return found;
    throw new ImageRefused(`the archive has no layer ${name}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const layer of this.#layers.values()) {
      if (!(layer instanceof Error)) this.#graph.driver.remove(layer.id);
    }
  }

  #find(name: string): unknown {
    const target = this.#target(name);
    return this.#documents.get(target) ?? this.#layers.get(target);
  }

  #target(name: string): string {
    let at = plain(name);
    for (let hops = 0; hops < 8; hops += 1) at = this.#links.get(at) ?? at;
    return at;
  }

  async #layer(
    name: string,
    size: number,
    content: AsyncIterable<Buffer>,
    onLayer: StageOptions['onLayer'],
  ): Promise<void> {
    const id = `staged-${randomBytes(8).toString('hex')}`;
    const watched = new Watched(content, bytes => onLayer?.(name, bytes, size));
    try {
      const applied = await this.#graph.driver.applyDiff(id, undefined, watched);
      this.#layers.set(name, { id, applied, digest: watched.digest(applied) });
    } catch (error) {
      // A sender that has gone away has nothing more to say; a bad layer may be nobody's.
      if (watched.failure !== undefined) throw watched.failure;
      if (diskFault(error) !== undefined) throw error;
      this.#layers.set(name, error instanceof Error ? error : new Error(String(error)));
    }
  }

  async #document(name: string, size: number, content: AsyncIterable<Buffer>): Promise<void> {
    // What is so large is not asked for; if it is, it is missing.
    if (size > largestDocument) return;
    const parts: Buffer[] = [];
    for await (const piece of content) parts.push(Buffer.from(piece));
    this.#bytes += size;
    if (this.#bytes > mostDocuments) throw new ImageRefused('its documents are too large');
    this.#documents.set(name, Buffer.concat(parts));
  }
}

/** What was thrown by the source is told from what was thrown by who reads it. */
class Watched implements AsyncIterable<Buffer> {
  readonly #content: AsyncIterable<Buffer>;
  readonly #told: (bytes: number) => void;
  #packed: ReturnType<typeof createHash> | undefined;
  #bytes = 0;
  failure: Error | undefined;

  constructor(content: AsyncIterable<Buffer>, told: (bytes: number) => void) {
    this.#content = content;
    this.#told = told;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer> {
    try {
      for await (const piece of this.#content) {
        // Of a plain tar the layer's own digest is that of its bytes.
        if (this.#bytes === 0 && packingOf(piece) !== undefined)
          this.#packed = createHash('sha256');
        this.#packed?.update(piece);
        this.#bytes += piece.length;
        this.#told(this.#bytes);
        yield piece;
      }
    } catch (error) {
      this.failure = error instanceof Error ? error : new Error(String(error));
      throw error;
    }
  }

  digest({ diffId }: Applied): Digest {
    return this.#packed === undefined
      ? diffId
      : parseDigest(`sha256:${this.#packed.digest('hex')}`);
  }
}

interface Peeked {
  readonly start: Buffer;
  readonly whole: AsyncIterable<Buffer>;
}

const blockSize = 512;

async function peek(content: AsyncIterable<Buffer>): Promise<Peeked> {
  const pieces = content[Symbol.asyncIterator]();
  const first: Buffer[] = [];
  let length = 0;
  while (length < blockSize) {
    const piece = await pieces.next();
    if (piece.done === true) break;
    // It must outlive the reading of the next one.
    first.push(length + piece.value.length < blockSize ? Buffer.from(piece.value) : piece.value);
    length += piece.value.length;
  }
  const start = first.length === 1 ? (first[0] ?? Buffer.alloc(0)) : Buffer.concat(first);
  async function* whole(): AsyncGenerator<Buffer> {
    if (start.length > 0) yield start;
    for (let piece = await pieces.next(); piece.done !== true; piece = await pieces.next()) {
      yield piece.value;
    }
  }
  return { start, whole: whole() };
}

function isLayer(start: Buffer): boolean {
  if (packingOf(start) !== undefined) return true;
  if (start.length < blockSize) return false;
  try {
    readHeader(start.subarray(0, blockSize));
    return true;
  } catch {
    return false;
  }
}

function plain(name: string): string {
  return posix.normalize(name).replace(/^\.?\/+|\/+$/g, '');
}

function beside(name: string, target: string): string {
  return plain(posix.join(posix.dirname(name), target));
}
