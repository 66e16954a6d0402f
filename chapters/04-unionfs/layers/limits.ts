// How much a layer may become: a small archive can hold a very large nothing.
//
// - `LayerLimits`, `usualLimits`
// - `Budget`: counts entries and bytes, and refuses the one that is too many
//
// gzip makes zeros a thousand times smaller, a file with holes needs no bytes at all.
// So the *logical* sizes are added up, and an archive that has grown far beyond what
// was read of it is held to be a bomb.

import { LayerRefused } from './refused.ts';

export interface LayerLimits {
  readonly entries: number;
  readonly bytes: number;
  /** Unpacked bytes for each byte read, once more than `freeBytes` came out. */
  readonly ratio: number;
  readonly freeBytes: number;
}

const gibibyte = 2 ** 30;

const usualLimits: LayerLimits = {
  entries: 4_000_000,
  bytes: 64 * gibibyte,
  ratio: 200,
  freeBytes: gibibyte,
};

export class Budget {
  readonly #limits: LayerLimits;
  #entries = 0;
  #bytes = 0;
  #read = 0;
  #unpacked = 0;

  constructor(limits: Partial<LayerLimits> = {}) {
    this.#limits = { ...usualLimits, ...limits };
  }

  get entries(): number {
    return this.#entries;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** An entry whose content takes `bytes`, holes included. @throws LayerRefused */
  entry(name: string, bytes: number): void {
    this.#entries += 1;
    this.#bytes += bytes;
    const { entries: most, bytes: mostBytes } = this.#limits;
    if (this.#entries > most) {
      throw new LayerRefused(`it holds more than ${most} entries`, name);
    }
    if (this.#bytes > mostBytes) {
      const total = `with it the layer holds ${this.#bytes} bytes`;
      throw new LayerRefused(`${total}, more than ${mostBytes}`, name);
    }
  }

  /** `count` more bytes of the source were read. */
  read(count: number): void {
    this.#read += count;
  }

  /** `count` more bytes came out of it. @throws LayerRefused */
  unpacked(count: number, name?: string): void {
    this.#unpacked += count;
    const { ratio, freeBytes } = this.#limits;
    const most = Math.max(freeBytes, this.#read * ratio);
    if (this.#unpacked <= most) return;
    const grown = `${this.#unpacked} bytes have come out of ${this.#read}`;
    throw new LayerRefused(`${grown}: it is a bomb of zeros`, name);
  }
}
