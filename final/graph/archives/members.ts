// The members of a tar that arrives, one after the other, each with its bytes.
//
// - `membersOf(source)`: packed or plain → Member; `.content` is to be read, or left
//
// Nothing is kept: a member that nobody reads is passed over, and one that is read is handed on in
// the pieces in which it came. The next member comes when this one's bytes have gone by, so whoever
// reads slowly makes the sender wait. Source: tar(5).

import {
  Budget,
  decompressed,
  TarReader,
  type LayerSource,
  type TarEntry,
} from '../../libcontainer/layers.ts';

export interface Member {
  readonly entry: TarEntry;
  /** Once, and before the next member is asked for. */
  readonly content: AsyncIterable<Buffer>;
}

type Happening =
  | { readonly kind: 'entry'; readonly entry: TarEntry }
  | { readonly kind: 'content'; readonly bytes: Buffer }
  | { readonly kind: 'end' };

/** @throws TarRefused if it is no tar or ends too early; zlib's errors for what is packed badly */
export async function* membersOf(source: LayerSource): AsyncGenerator<Member> {
  const happenings = new Happenings(source);
  try {
    for (;;) {
      const next = await happenings.next();
      if (next === undefined) return;
      if (next.kind !== 'entry') continue;
      const content = happenings.content();
      yield { entry: next.entry, content };
      for await (const _ of content) void _;
    }
  } finally {
    await happenings.close();
  }
}

/** What a piece of the archive brings is queued, and handed out before the next piece is read. */
class Happenings {
  readonly #pieces: AsyncIterator<Buffer>;
  readonly #reader: TarReader;
  readonly #budget = new Budget();
  #queue: Happening[] = [];
  #at = 0;
  #isDone = false;

  constructor(source: LayerSource) {
    this.#pieces = decompressed(source, count => this.#budget.read(count))[Symbol.asyncIterator]();
    this.#reader = new TarReader({
      entry: entry => this.#queue.push({ kind: 'entry', entry }),
      content: bytes => this.#queue.push({ kind: 'content', bytes }),
      end: () => this.#queue.push({ kind: 'end' }),
    });
  }

  async next(): Promise<Happening | undefined> {
    while (this.#at === this.#queue.length) {
      if (this.#isDone) return undefined;
      this.#queue = [];
      this.#at = 0;
      const piece = await this.#pieces.next();
      if (piece.done === true) {
        this.#isDone = true;
        this.#reader.finish();
      } else {
        this.#budget.unpacked(piece.value.length);
        this.#reader.write(piece.value);
      }
    }
    const found = this.#queue[this.#at];
    this.#at += 1;
    return found;
  }

  /** Of the entry at hand; who asks again when it is over gets nothing. */
  content(): AsyncIterable<Buffer> {
    let isOver = false;
    const next = async (): Promise<IteratorResult<Buffer>> => {
      const found = isOver ? undefined : await this.next();
      if (found?.kind === 'content') return { done: false, value: found.bytes };
      isOver = true;
      return { done: true, value: undefined };
    };
    return { [Symbol.asyncIterator]: () => ({ next }) };
  }

  async close(): Promise<void> {
    await this.#pieces.return?.();
  }
}
