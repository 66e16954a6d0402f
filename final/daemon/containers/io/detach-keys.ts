// The keys with which a person lets go of a container's terminal without ending it.
//
//     ctrl-p,ctrl-q      a,b      ctrl-@
//
// - `parseDetachKeys(written)`: the bytes that they send; throws INVALID
// - `new DetachFilter(keys)`, `.take(bytes)`: what goes on to the container, until the keys come
//
// A beginning of the sequence is held back until it is known to be none.

import { invalid } from '../../../engine/refusal.ts';

const usual: readonly number[] = [16, 17];

export function parseDetachKeys(written: string | undefined): readonly number[] {
  if (!written) return usual;
  return written.split(',').map(key => {
    const [, letter = ''] = /^ctrl-([a-z@[\\\]^_])$/.exec(key) ?? [];
    if (letter !== '') return letter.toUpperCase().charCodeAt(0) - 64;
    if (key.length === 1 && key < '\x80') return key.charCodeAt(0);
    throw invalid(`Invalid detach keys (${written}) provided`);
  });
}

export interface Taken {
  readonly bytes: Uint8Array;
  readonly isDetached: boolean;
}

export class DetachFilter {
  readonly #keys: readonly number[];
  #matched = 0;

  constructor(keys: readonly number[]) {
    this.#keys = keys;
  }

  take(input: Uint8Array): Taken {
    const passed: number[] = [];
    for (const byte of input) {
      if (byte !== this.#keys[this.#matched]) {
        passed.push(...this.#keys.slice(0, this.#matched));
        this.#matched = 0;
      }
      if (byte !== this.#keys[this.#matched]) {
        passed.push(byte);
        continue;
      }
      this.#matched += 1;
      if (this.#matched < this.#keys.length) continue;
      this.#matched = 0;
      return { bytes: Uint8Array.from(passed), isDetached: true };
    }
    return { bytes: Uint8Array.from(passed), isDetached: false };
  }
}
