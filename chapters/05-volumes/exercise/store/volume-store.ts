// Made from ../../store/volume-store.ts by `npm run generate`. It leaves out one part: yours.
// See how far you are, in the folder of the chapter: SUBJECT=exercise/run.ts npm test
//
// Named volumes: folders of one folder, that outlive the containers.
//
//     ROOT/NAME/_data           what a container sees
//     ROOT/NAME/volume.json     when it was made, and whether a person has named it
//     ROOT/.new-…  ROOT/.gone-… on its way in or out; removed by whoever comes next
//
// - `VolumeStore.at(root)`: the volumes of one root folder
// - `.create`, `.list`, `.inspect`, `.remove`, `.prune`: the verbs of `docker volume`;
//   `.find(name)`: the same as inspect, or undefined
// - `.sweep()`: what was on its way when somebody was killed
// - `.open(name, content)`: for a container: claimed, filled if it was empty
//
// Invariant: a name is there with all that belongs to it, or not at all: it comes and
// goes by rename(2). And a volume that a container has claimed cannot be removed
// (claim.ts).

import { randomBytes } from 'node:crypto';
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { tryLock } from '@slipway/native';
import {
  claim,
  hasCode,
  holders,
  isStill,
  type OpenFolder,
} from '../../store/claim.ts';
import { VolumeError } from '../../store/errors.ts';
import { fillIfEmpty } from './fill.ts';
import { isVolumeName, nameRefusal } from '../../wish/volume-name.ts';

export interface Volume {
  readonly name: string;
  /** The folder that a container sees. */
  readonly mountpoint: string;
  readonly createdAt: string;
  /** Made for one container, which did not name it. */
  readonly anonymous: boolean;
  readonly labels: Readonly<Record<string, string>>;
  /** What is mounted in its place. */
  readonly device?: VolumeDevice;
}

/** As mount(8) has them: a file system, or with the option `bind` a folder. */
export interface VolumeDevice {
  readonly type: string;
  readonly source: string;
  readonly options?: string;
}

/** A volume that a container uses: nobody removes it until this is disposed of. */
export interface HeldVolume extends Disposable {
  readonly volume: Volume;
  /** Of its folder: `_data` in it is what a container sees. */
  readonly descriptor: number;
  /** What of the image's content is not in it: fifos, sockets, devices. */
  readonly left: readonly string[];
}

type Meta = Pick<Volume, 'createdAt' | 'anonymous' | 'labels' | 'device'>;

export class VolumeStore {
  readonly #root: string;
  readonly #now: () => Date;

  private constructor(root: string, now: () => Date) {
    this.#root = root;
    this.#now = now;
  }

  /** The volumes below `root`, which is made when the first one is. */
  static at(root: string, now: () => Date = () => new Date()): VolumeStore {
    return new VolumeStore(root, now);
  }

  /** The volume of this name; one that is there already stays as it is. */
  create(name: string, about: Partial<Meta> = {}): Volume {
    if (!isVolumeName(name)) throw new VolumeError('NAME', name, nameRefusal(name));
    const known = this.#read(name);
    if (known !== undefined) return known;
    this.sweep();
    const fresh = `${this.#root}/.new-${randomBytes(8).toString('hex')}`;
    mkdirSync(fresh, { recursive: true, mode: 0o711 });
    // Whoever sweeps leaves alone what is claimed. He may have come between, then
    // again.
    const claimed = claim(fresh, 'exclusive');
    if (typeof claimed === 'string') return this.create(name, about);
    using _ = claimed;
    mkdirSync(`${fresh}/_data`, { mode: 0o755 });
    const { anonymous = false, labels = {}, ...more } = about;
    const meta: Meta = {
      ...{ createdAt: this.#now().toISOString(), anonymous, labels },
      ...more,
    };
    writeFileSync(`${fresh}/volume.json`, `${JSON.stringify(meta)}\n`);
    try {
      renameSync(fresh, `${this.#root}/${name}`);
    } catch (error) {
      rmSync(fresh, { recursive: true });
      if (!hasCode(error, 'ENOTEMPTY', 'EEXIST')) throw error;
    }
    return this.inspect(name);
  }

  /** A new one, with a name that nobody has chosen. */
  createAnonymous(): Volume {
    return this.create(randomBytes(32).toString('hex'), { anonymous: true });
  }

  /** @throws VolumeError BROKEN */
  find(name: string): Volume | undefined {
    return isVolumeName(name) ? this.#read(name) : undefined;
  }

  /** All of them, by name. What is broken spoils nobody's list: it is told of. */
  list(onBroken: (error: VolumeError) => void = () => undefined): readonly Volume[] {
    return this.#names().flatMap(name => {
      try {
        return this.#read(name) ?? [];
      } catch (error) {
        if (!(error instanceof VolumeError)) throw error;
        onBroken(error);
        return [];
      }
    });
  }

  /** @throws VolumeError MISSING, NAME, BROKEN */
  inspect(name: string): Volume {
    if (!isVolumeName(name)) throw new VolumeError('NAME', name, nameRefusal(name));
    const found = this.#read(name);
    if (found === undefined) throw missing(name);
    return found;
  }

  /** The pids that use it now. */
  users(name: string): readonly number[] {
    return holders(this.#folder(name));
  }

  /** @throws VolumeError IN_USE while a container has it, MISSING */
  remove(name: string): void {
    const { gone, folder } = this.#takeAway(name);
    using _ = folder;
    rmSync(gone, { recursive: true, force: true });
    this.sweep();
  }

  /** The same, without keeping others waiting while many files are deleted. */
  async removeSlowly(name: string): Promise<void> {
    const { gone, folder } = this.#takeAway(name);
    using _ = folder;
    await rm(gone, { recursive: true, force: true });
  }

  /** Its folder, claimed, under a name that is no volume's. */
  #takeAway(name: string): { readonly gone: string; readonly folder: OpenFolder } {
    this.#refuseUnlessThere(name);
    // YOUR PART in-use: A container may be writing into this volume. Containers hold a
    // claim (claim.ts) on its folder for as long as they live; who wants to remove it
    // has to have it alone.
    const folder = claim(this.#folder(name), 'shared');
    if (folder === 'taken' || folder === 'gone') throw missing(name);
    void this.#inUse.bind(this);
    const gone = `${this.#root}/.gone-${randomBytes(8).toString('hex')}`;
    renameSync(this.#folder(name), gone);
    return { gone, folder };
  }

  /** A broken one can be removed as well. */
  #refuseUnlessThere(name: string): void {
    try {
      this.inspect(name);
    } catch (error) {
      if (!(error instanceof VolumeError && error.code === 'BROKEN')) throw error;
    }
  }

  /**
   * Removes those without a name that nobody uses; with `all` those with one as well.
   */
  prune(all = false): readonly string[] {
    return this.list()
      .filter(({ anonymous }) => all || anonymous)
      .flatMap(({ name }) => {
        try {
          this.remove(name);
          return [name];
        } catch (error) {
          const harmless = error instanceof VolumeError && error.code !== 'BROKEN';
          if (harmless) return [];
          throw error;
        }
      });
  }

  /**
   * The volume for a container, made if there is none. If it is empty, and nobody else
   * uses it, `content` (a descriptor of a folder) is copied into it first.
   */
  async open(name: string, content?: number): Promise<HeldVolume> {
    for (;;) {
      this.create(name);
      const alone = claim(this.#folder(name), 'exclusive');
      if (alone === 'gone') continue;
      const mine = alone === 'taken' ? claim(this.#folder(name), 'shared') : alone;
      if (mine === 'gone') continue;
      if (mine === 'taken') {
        // Somebody fills it, or takes it away, at this moment.
        await sleep(5);
        continue;
      }
      const held = this.#begin(name, mine, alone !== 'taken', content);
      if (held !== undefined) return held;
    }
  }

  /**
   * Fills it while it is ours alone, then shares it; undefined if it was lost by that.
   */
  #begin(
    name: string,
    folder: OpenFolder,
    isAlone: boolean,
    content: number | undefined,
  ): HeldVolume | undefined {
    try {
      const left = isAlone ? fillIfEmpty(folder.descriptor, content) : [];
      const shared = tryLock(folder.descriptor, 'shared');
      if (shared && isStill(this.#folder(name), folder)) {
        return {
          volume: this.inspect(name),
          descriptor: folder.descriptor,
          left,
          [Symbol.dispose]: () => folder[Symbol.dispose](),
        };
      }
    } catch (error) {
      folder[Symbol.dispose]();
      throw error;
    }
    folder[Symbol.dispose]();
    return undefined;
  }

  #read(name: string): Volume | undefined {
    const folder = this.#folder(name);
    try {
      const text = readFileSync(`${folder}/volume.json`, 'utf8');
      const meta: unknown = JSON.parse(text);
      if (!isMeta(meta)) throw new TypeError('it is not what was written');
      return { name, mountpoint: `${folder}/_data`, ...meta };
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return undefined;
      const why = `${folder}/volume.json cannot be read`;
      throw new VolumeError('BROKEN', name, why, error);
    }
  }

  #names(): readonly string[] {
    try {
      return readdirSync(this.#root, { withFileTypes: true })
        .flatMap(entry => (entry.isDirectory() ? entry.name : []))
        .filter(isVolumeName)
        .toSorted();
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return [];
      throw error;
    }
  }

  #folder(name: string): string {
    return `${this.#root}/${name}`;
  }

  #inUse(name: string): VolumeError {
    const pids = this.users(name);
    const by = pids.length === 0 ? 'a container' : `process ${pids.join(', ')}`;
    return new VolumeError('IN_USE', name, `it is used by ${by}: end that first`);
  }

  /** Removes what a killed process has left on its way in or out. */
  sweep(): void {
    let names: readonly string[];
    try {
      names = readdirSync(this.#root).filter(name => /^\.(new|gone)-/.test(name));
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return;
      throw error;
    }
    for (const name of names) {
      const folder = claim(`${this.#root}/${name}`, 'exclusive');
      if (folder === 'gone' || folder === 'taken') continue;
      using _ = folder;
      rmSync(`${this.#root}/${name}`, { recursive: true, force: true });
    }
  }
}

function isMeta(value: unknown): value is Meta {
  if (typeof value !== 'object' || value === null) return false;
  const { createdAt, anonymous, labels } = value as Partial<Meta>;
  const areLabels = typeof labels === 'object' && labels !== null;
  return typeof createdAt === 'string' && typeof anonymous === 'boolean' && areLabels;
}

function missing(name: string): VolumeError {
  return new VolumeError(
    'MISSING',
    name,
    'there is no such volume: volume ls lists them',
  );
}
// As made: 3ad8be41
