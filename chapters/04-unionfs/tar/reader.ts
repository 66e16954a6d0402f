// A tar, read as its bytes arrive: no promise for each small file, nothing kept.
//
// - `new TarReader(sink)`: tells the sink each entry, then its bytes, then its end
// - `.write(bytes)`: any piece of the archive, cut anywhere
// - `.finish()`: the archive has ended. @throws TarRefused if it has not
//
//     header ─▸ (meta ─▸ header)* ─▸ content ─▸ padding ─▸ header … ─▸ zeros
//
// Understood: ustar, pax (local and global), GNU's long names and holes, v7. A kind
// that has no content has none, whatever its size says, as in Go's archive/tar: two
// readers that differ there would see two different archives. Source: tar(5).

import { blaming, blockSize, paddingOf, TarRefused, type TarEntry } from './entry.ts';
import { checkPieces, mostPieces, piecesInContent } from './sparse.ts';
import { piecesAt, readHeader, type Header } from './header.ts';
import { describe, isMeta, largestMeta, Pending, type Described } from './describe.ts';

export interface TarSink {
  entry(entry: TarEntry): void;
  /** Bytes of the entry's content, and where in the file they belong. */
  content(bytes: Buffer, position: number): void;
  end(): void;
  /** Everything that is no content, in its order among the contents. */
  raw?(bytes: Buffer): void;
}

type State = 'header' | 'meta' | 'holes' | 'map' | 'content' | 'padding' | 'ended';

export class TarReader {
  readonly #sink: TarSink;
  #state: State = 'header';
  /** What is gathered until it is whole: a header, records, a map. */
  #gathered: Buffer[] = [];
  #missing = blockSize;
  /** Of the header at hand: what the meta headers before it said. */
  #pending = new Pending();
  #meta: string | undefined;
  #described: Described | undefined;
  #stored = 0;
  #padding = 0;
  #position = 0;
  #piece = 0;
  #inPiece = 0;
  #zeroBlocks = 0;

  constructor(sink: TarSink) {
    this.#sink = sink;
  }

  write(bytes: Buffer): void {
    let at = 0;
    while (at < bytes.length) {
      if (this.#state === 'content') {
        at += this.#content(bytes, at);
        continue;
      }
      const taken = this.#room(bytes.length - at);
      this.#sink.raw?.(bytes.subarray(at, at + taken));
      if (this.#state === 'padding') this.#skip(taken);
      else if (this.#state !== 'ended') this.#gather(bytes.subarray(at, at + taken));
      at += taken;
    }
  }

  /** For who has looked up an entry and goes on after its content. */
  skipContent(): void {
    if (this.#state !== 'content') return;
    this.#stored = 0;
    this.#padding = 0;
    this.#endEntry();
  }

  finish(): void {
    const { length } = this.#gathered;
    // umoci leaves the zeros after the last file out, and every reader lets it.
    const between =
      this.#state === 'padding' || (this.#state === 'header' && length === 0);
    if (this.#state === 'ended' || (between && this.#pending.isEmpty)) return;
    throw new TarRefused('the archive ends in the middle: it was cut off');
  }

  /** How many of the bytes at hand belong to what is read just now. */
  #room(available: number): number {
    if (this.#state === 'ended') return available;
    const wanted = this.#state === 'padding' ? this.#padding : this.#missing;
    return Math.min(wanted, available);
  }

  #gather(bytes: Buffer): void {
    this.#missing -= bytes.length;
    if (this.#missing > 0) {
      // It belongs to whoever wrote it: what is kept beyond the call is copied.
      this.#gathered.push(Buffer.from(bytes));
      return;
    }
    const whole =
      this.#gathered.length === 0 ? bytes : Buffer.concat([...this.#gathered, bytes]);
    this.#gathered = [];
    this.#take(whole);
  }

  #take(whole: Buffer): void {
    if (this.#state === 'meta') return this.#takeMeta(whole);
    if (this.#state === 'holes') return this.#takeHoles(whole);
    if (this.#state === 'map') return this.#takeMap(whole);
    const header = readHeader(whole);
    if (header === undefined) return this.#takeZeros();
    if (this.#zeroBlocks > 0) throw new TarRefused('something follows its end');
    if (!isMeta(header.type)) return this.#begin(header);
    if (header.size > largestMeta) {
      throw new TarRefused(`a header of ${header.size} bytes`);
    }
    this.#meta = header.type;
    this.#expect('meta', header.size + paddingOf(header.size));
    this.#stored = header.size;
    if (header.size === 0) this.#takeMeta(Buffer.alloc(0));
  }

  #takeZeros(): void {
    if (!this.#pending.isEmpty) throw new TarRefused('a header belongs to no file');
    this.#zeroBlocks += 1;
    // Two end an archive; what pads it to a whole record is nobody's business.
    if (this.#zeroBlocks === 2) this.#state = 'ended';
    else this.#expect('header', blockSize);
  }

  #takeMeta(whole: Buffer): void {
    this.#pending.add(this.#meta ?? '', whole.subarray(0, this.#stored));
    this.#expect('header', blockSize);
  }

  #begin(header: Header): void {
    this.#described = describe(header, this.#pending);
    this.#pending = this.#pending.next();
    this.#stored = this.#described.stored;
    this.#padding = paddingOf(this.#stored);
    if (header.holes?.more) this.#expect('holes', blockSize);
    else if (this.#described.mapInContent) this.#expect('map', blockSize);
    else this.#start();
  }

  /** GNU's old form: 21 more pairs a block, until one says that it is the last. */
  #takeHoles(whole: Buffer): void {
    this.#addPieces(piecesAt(whole, 0, 21));
    if (whole[504] === 1) this.#expect('holes', blockSize);
    else this.#start();
  }

  /** The map of form 1.0 fills whole blocks of what counts as content. */
  #takeMap(whole: Buffer): void {
    const pieces = piecesInContent(whole);
    if (pieces === undefined) {
      if (whole.length > largestMeta || whole.length >= this.#stored) {
        throw new TarRefused('a map of holes has no end');
      }
      this.#gathered = [Buffer.from(whole)];
      this.#missing = blockSize;
      return;
    }
    this.#addPieces(pieces);
    this.#stored -= whole.length;
    this.#start();
  }

  #addPieces(more: readonly { offset: number; length: number }[]): void {
    if (this.#described === undefined) return;
    const { entry } = this.#described;
    const pieces = [...(entry.pieces ?? []), ...more];
    if (pieces.length > mostPieces) throw new TarRefused(`too many pieces`);
    this.#described = { ...this.#described, entry: { ...entry, pieces } };
  }

  #start(): void {
    const entry = this.#described?.entry;
    if (entry === undefined) return;
    const { name, pieces, size } = entry;
    if (pieces) blaming(name, () => checkPieces(pieces, size, this.#stored));
    this.#position = 0;
    this.#piece = 0;
    this.#inPiece = 0;
    this.#sink.entry(entry);
    if (this.#stored > 0) this.#state = 'content';
    else this.#endEntry();
  }

  #content(bytes: Buffer, at: number): number {
    const most = Math.min(this.#stored, bytes.length - at);
    const taken = this.#hand(bytes.subarray(at, at + most));
    this.#stored -= taken;
    if (this.#stored === 0) this.#endEntry();
    return taken;
  }

  /** Up to the end of a piece, if the file has holes. */
  #hand(bytes: Buffer): number {
    const pieces = this.#described?.entry.pieces;
    if (pieces === undefined) {
      this.#sink.content(bytes, this.#position);
      this.#position += bytes.length;
      return bytes.length;
    }
    let piece = pieces[this.#piece];
    while (piece !== undefined && this.#inPiece === piece.length) {
      this.#piece += 1;
      this.#inPiece = 0;
      piece = pieces[this.#piece];
    }
    if (piece === undefined) throw new TarRefused('more is stored than has a place');
    const taken = Math.min(bytes.length, piece.length - this.#inPiece);
    this.#sink.content(bytes.subarray(0, taken), piece.offset + this.#inPiece);
    this.#inPiece += taken;
    return taken;
  }

  #endEntry(): void {
    this.#sink.end();
    this.#described = undefined;
    if (this.#padding > 0) this.#state = 'padding';
    else this.#expect('header', blockSize);
  }

  #skip(bytes: number): void {
    this.#padding -= bytes;
    if (this.#padding === 0) this.#expect('header', blockSize);
  }

  #expect(state: State, bytes: number): void {
    this.#state = state;
    this.#missing = bytes;
  }
}
