/**
 * Chance that can be repeated: property tests draw from it, and a failure names its seed.
 *
 * - new Chance(seed)       the same seed draws the same things
 * - below(n) pick(list) shuffled(list)
 * - everySeed(count, property)   runs the property with each seed; an error says which seed it was
 */
export class Chance {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  /** An integer from 0 to n - 1. (mulberry32) */
  below(n: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % n;
  }

  pick<T>(list: readonly T[]): T {
    const one = list[this.below(list.length)];
    if (one === undefined) throw new Error('nothing to pick from');
    return one;
  }

  shuffled<T>(list: readonly T[]): readonly T[] {
    const keys = new Map(list.map(one => [one, this.below(1 << 30)]));
    return list.toSorted((a, b) => (keys.get(a) ?? 0) - (keys.get(b) ?? 0));
  }
}

export function everySeed(count: number, property: (chance: Chance) => void): void {
  for (let seed = 1; seed <= count; seed += 1) {
    try {
      property(new Chance(seed));
    } catch (cause) {
      throw new Error(`with seed ${seed}: ${cause instanceof Error ? cause.message : ''}`, {
        cause,
      });
    }
  }
}
