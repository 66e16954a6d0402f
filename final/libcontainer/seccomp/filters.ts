// Filters that were made once: each as a sealed memory file, ready to be handed to an init.
//
// - `SeccompFilters`: `.descriptorOf(seccomp)`; disposing closes all of them
//
// Nearly every container of a daemon has the same profile. Making its filter takes some
// milliseconds, handing over a descriptor none.

import { sealBytes, type OpenDescriptor } from '@slipway/native';
import type { Seccomp } from '../spec/seccomp.ts';
import { compileSeccomp } from './filter.ts';

/** So many different ones are kept. */
const most = 64;

export class SeccompFilters implements Disposable {
  readonly #made = new Map<string, OpenDescriptor>();
  /** A profile that comes again as the same object need not be written out again. */
  readonly #keys = new WeakMap<Seccomp, string>();

  /**
   * Stays ours to close: it is good until so many others were asked for that it is forgotten.
   *
   * @throws Refusal INVALID as `compileSeccomp`
   */
  descriptorOf(seccomp: Seccomp): number {
    const key = this.#keys.get(seccomp) ?? JSON.stringify(seccomp);
    this.#keys.set(seccomp, key);
    const filter = this.#made.get(key) ?? sealBytes('seccomp', compileSeccomp(seccomp));
    // The one that was asked for last stands last.
    this.#made.delete(key);
    this.#made.set(key, filter);
    for (const [oldest, forgotten] of this.#made) {
      if (this.#made.size <= most) break;
      this.#made.delete(oldest);
      forgotten[Symbol.dispose]();
    }
    return filter.descriptor;
  }

  [Symbol.dispose](): void {
    for (const filter of this.#made.values()) filter[Symbol.dispose]();
    this.#made.clear();
  }
}
