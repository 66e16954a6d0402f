// The programs that containers were started with, each step with its time: kept beside the records.
//
// - `new Programs(database, has, warn)`   `has(id)`: whether there is such a container
// - `.keepSoon(id, running)`        once the start has been answered
// - `.get(id)`, `.forget(id)`; disposing writes no more
//
// A container that has gone before its program was written down has none: what lasts a moment pays
// nothing for being explained. What a daemon has left of containers that are no more goes when the
// next one begins.

import { z } from 'zod';
import type { StepTime } from '../../../execdriver/driver.ts';
import type { Database } from '../../../graph/database.ts';
import type { Table } from '../../../graph/database/table.ts';

const stepsSchema = z.array(
  z
    .object({
      call: z.string(),
      code: z.string(),
      why: z.string(),
      microseconds: z.number().optional(),
    })
    .transform(({ microseconds, ...step }): StepTime => {
      return microseconds === undefined ? step : { ...step, microseconds };
    }),
);

type Steps = z.output<typeof stepsSchema>;

const delayMs = 100;

export class Programs {
  readonly #table: Table<Steps>;
  readonly #has: (id: string) => boolean;
  readonly #warn: (message: string) => void;
  readonly #kept: Set<string>;
  readonly #timers = new Set<NodeJS.Timeout>();

  constructor(database: Database, has: (id: string) => boolean, warn: (message: string) => void) {
    this.#table = database.table('programs', stepsSchema);
    this.#has = has;
    this.#warn = warn;
    this.#kept = new Set(this.#table.ids());
    for (const id of this.#kept) if (!has(id)) this.forget(id);
  }

  keepSoon(id: string, running: { steps(): readonly StepTime[] }): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      if (this.#has(id)) this.#keep(id, running.steps());
    }, delayMs).unref();
    this.#timers.add(timer);
  }

  /** A full disk costs a container its explanation, and nothing else. */
  #keep(id: string, steps: readonly StepTime[]): void {
    try {
      this.#table.put(id, [...steps]);
      this.#kept.add(id);
    } catch (error) {
      this.#warn(`the program of container ${id} is not kept: ${String(error)}`);
    }
  }

  /** Before the database is closed. */
  [Symbol.dispose](): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }

  get(id: string): readonly StepTime[] | undefined {
    return this.#table.get(id);
  }

  forget(id: string): void {
    if (this.#kept.delete(id)) this.#table.remove(id);
  }
}
