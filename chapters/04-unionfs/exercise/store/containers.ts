// Made from ../../store/containers.ts by `npm run generate`. Nothing is left out here.
// See how far you are, in the folder of the chapter: SUBJECT=exercise/run.ts npm test
//
// Which containers there are: one small file each, beside the layers they write to.
//
// - `ContainerBook`: `create`, `find`, `list`, `ended`, `remove`, `sweep`
// - `isRunning(record)`: whether somebody holds its layer
//
//     ROOT/containers/<name>.json   {"id", "image", "argv", "created", "exitCode"?, …}
//
// Whether one runs is never written down: who holds the lock on its layer says so, and
// a lock ends with its holder. So after a `kill -9` nothing here is untrue.

import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { z } from 'zod';
import { GraphError } from '../../drivers/driver.ts';
import { parseJson } from '../images/schemas.ts';
import { isDigest, type Digest } from '../layers/digest.ts';
import { removeContainerLayers } from './container-root.ts';
import type { ImageStore } from './store.ts';

const record = z.object({
  name: z.string(),
  id: z.string(),
  image: z.custom<Digest>(value => typeof value === 'string' && isDigest(value)),
  argv: z.array(z.string()),
  created: z.string(),
  /** Removed once it has ended. */
  passing: z.boolean(),
  exitCode: z.number().optional(),
});

export type ContainerRecord = z.infer<typeof record>;

const names = /^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,62}$/;

export class ContainerBook {
  readonly #store: ImageStore;
  readonly #folder: string;

  constructor(store: ImageStore) {
    this.#store = store;
    this.#folder = `${store.root}/containers`;
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
  }

  /** @throws GraphError if the name is taken, or is none */
  create(fresh: ContainerRecord): void {
    const { name } = fresh;
    if (!names.test(name)) {
      const rule = 'letters, digits, _ . -, and a letter or digit first';
      throw new GraphError(
        `${JSON.stringify(name)} is no name of a container: ${rule}`,
      );
    }
    try {
      writeFileSync(this.#file(name), text(fresh), { flag: 'wx', mode: 0o600 });
    } catch (cause) {
      if (!existsSync(this.#file(name))) throw cause;
      const remedy = `take another name, or remove it: run.ts rm ${name}`;
      throw new GraphError(`there is a container ${name}: ${remedy}`, { cause });
    }
  }

  /** By its name, its id, or the first digits of that. */
  find(reference: string): ContainerRecord | undefined {
    const all = this.list();
    const named = all.find(({ name }) => name === reference);
    if (named !== undefined) return named;
    if (!/^[0-9a-f]{4,64}$/.test(reference)) return undefined;
    const fits = all.filter(({ id }) => id.startsWith(reference));
    return fits.length === 1 ? fits[0] : undefined;
  }

  list(): readonly ContainerRecord[] {
    return readdirSync(this.#folder)
      .filter(file => file.endsWith('.json'))
      .toSorted()
      .map(file => parseJson(record, readFileSync(`${this.#folder}/${file}`), file));
  }

  ended(ended: ContainerRecord, exitCode: number): void {
    const fresh = `${this.#file(ended.name)}.new`;
    writeFileSync(fresh, text({ ...ended, exitCode }), { mode: 0o600 });
    renameSync(fresh, this.#file(ended.name));
  }

  /** @throws GraphError while it runs */
  remove(gone: ContainerRecord): void {
    if (this.isRunning(gone)) {
      throw new GraphError(`container ${gone.name} is running: end it first`);
    }
    removeContainerLayers(this.#store, gone.id);
    rmSync(this.#file(gone.name), { force: true });
  }

  isRunning({ id }: ContainerRecord): boolean {
    return this.#store.driver.isHeld(id);
  }

  /** What passing containers have left whose end nobody has seen. */
  sweep(): void {
    for (const one of this.list()) {
      if (one.passing && this.#isOld(one) && !this.isRunning(one)) this.remove(one);
    }
  }

  /** Between its record and its lock there is a moment. */
  #isOld({ created }: ContainerRecord): boolean {
    return Date.now() - Date.parse(created) > 60_000;
  }

  #file(name: string): string {
    return `${this.#folder}/${name}.json`;
  }
}

function text(of: ContainerRecord): string {
  return `${JSON.stringify(of)}\n`;
}
// As made: 22f3b81e
