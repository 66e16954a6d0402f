// All containers of the daemon: their records, what lives of them, and what they share.
//
// - `find(reference)`: a record, by name, id or its beginning; throws NOT_FOUND
// - `get(id)`, `all()`, `live(id)`
// - `change(id, event)`: the next state: it has come, even if the disk is too full to know it
// - `save(record)`: other changes of a record, kept before anybody sees them
// - `forget(id)`: nothing is left
// - `tell(record, action, more)`: an event
//
// Verbs are functions of their own that take this; whatever changes a container runs in its queue.

import { join } from 'node:path';
import { notFound } from '../../../engine/refusal.ts';
import { findId } from '../record/names.ts';
import type { ContainerId, ContainerRecord } from '../record/record.ts';
import { SeccompProfiles } from '../spec/seccomp.ts';
import { transition, type StateEvent } from '../record/state.ts';
import { formatTime } from './moments.ts';
import { Live, type Exec } from './live.ts';
import type { ContainerSettings, Needs } from './needs.ts';
import { Programs } from './programs.ts';
import { Store } from './store.ts';

export class Containers {
  readonly needs: Needs;
  readonly store: Store;
  readonly programs: Programs;
  readonly #living = new Map<ContainerId, Live>();
  readonly execs = new Map<string, Exec>();
  readonly seccompProfiles: SeccompProfiles;
  /** No container is started again while the daemon ends. */
  isShuttingDown = false;

  constructor(needs: Needs) {
    this.needs = needs;
    this.store = new Store(needs.database, needs.warn);
    this.programs = new Programs(needs.database, id => this.store.has(id), needs.warn);
    this.seccompProfiles = new SeccompProfiles(needs.settings.seccompProfile);
  }

  get settings(): ContainerSettings {
    return this.needs.settings;
  }

  find(reference: string): ContainerRecord {
    return this.get(findId(reference, this.store));
  }

  /** @throws NOT_FOUND if it has gone meanwhile */
  get(id: ContainerId): ContainerRecord {
    const record = this.store.get(id);
    if (record === undefined) throw notFound(`No such container: ${id}`);
    return record;
  }

  all(): Iterable<ContainerRecord> {
    return this.store.all();
  }

  live(id: ContainerId): Live {
    const known = this.#living.get(id);
    if (known !== undefined) return known;
    const live = new Live();
    this.#living.set(id, live);
    return live;
  }

  change(
    id: ContainerId,
    event: StateEvent,
    more: Partial<Pick<ContainerRecord, 'restartCount' | 'stoppedByHand' | 'removesVolumes'>> = {},
  ): ContainerRecord {
    const record = this.get(id);
    return this.note({ ...record, ...more, state: transition(record.state, event) });
  }

  save(record: ContainerRecord): ContainerRecord {
    this.store.put(record);
    return record;
  }

  note(record: ContainerRecord): ContainerRecord {
    this.store.note(record);
    return record;
  }

  forget(id: ContainerId): void {
    this.store.remove(id);
    this.programs.forget(id);
    for (const exec of this.live(id).execs.values()) this.execs.delete(exec.id);
    this.#living.delete(id);
  }

  tell(record: ContainerRecord, action: string, more: Readonly<Record<string, string>> = {}): void {
    const { id, name, config } = record;
    const attributes = { ...config.Labels, image: config.Image, name, ...more };
    this.needs.events.emit('container', action, id, attributes);
  }

  timeNow(): string {
    return formatTime(this.needs.now());
  }

  folderOf(id: string): string {
    return join(this.settings.folder, id);
  }

  execFolderOf(id: string): string {
    return join(this.settings.execFolder, id);
  }
}
