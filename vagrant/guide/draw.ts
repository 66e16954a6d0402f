/**
 * Chance for a unit's variables: a new attempt has other names and numbers.
 *
 * - openDraw(random)    random() gives a number from 0 up to 1, as Math.random does
 * - Draw                name(), between(low, high), pick(list), some(list, count)
 */
export interface Draw {
  /** A short name that nothing else on the machine has: `lab-kiwi4821`. At most 12 characters. */
  readonly name: () => string;
  /** Both ends included. */
  readonly between: (low: number, high: number) => number;
  readonly pick: <T>(list: readonly T[]) => T;
  readonly some: <T>(list: readonly T[], count: number) => readonly T[];
}

const fruits = ['fig', 'kiwi', 'lime', 'nut', 'pear', 'plum'] as const;

export function openDraw(random: () => number): Draw {
  const between = (low: number, high: number): number =>
    low + Math.floor(random() * (high - low + 1));
  const pick = <T>(list: readonly T[]): T => {
    const one = list[between(0, list.length - 1)];
    if (one === undefined) throw new Error('nothing to pick from');
    return one;
  };
  const some = <T>(list: readonly T[], count: number): readonly T[] => {
    const keyed = list.map(one => ({ one, key: random() }));
    const chosen = keyed.toSorted((a, b) => a.key - b.key).slice(0, count);
    return list.filter(one => chosen.some(entry => entry.one === one));
  };
  return { between, pick, some, name: () => `lab-${pick(fruits)}${between(1000, 9999)}` };
}
