// Ids and names of containers: one grammar, and how a reference finds one.
//
// - `newId(random)`: 64 hexadecimal digits
// - `checkName(name)`: the name as it is kept, without its slash
// - `inventName(random, isTaken)`: `swift_tasman`
// - `nameTaken(name, id)`: the refusal that Docker's users know
// - `findId(reference, known)`: by the whole id, by name, by the beginning of an id
//
// Whatever passes here may become part of a path.

import { conflict, invalid, notFound, type Refusal } from '../../../engine/refusal.ts';
import { qualities, surnames } from './name-words.ts';
import { containerIdSchema, type ContainerId } from './record.ts';

const grammar = /^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/;

/** So many random bytes. */
export type Random = (bytes: number) => Uint8Array;

export function newId(random: Random): ContainerId {
  return containerIdSchema.parse(Buffer.from(random(32)).toString('hex'));
}

/** @throws INVALID unless it is a name; one slash before it is part of how it is written */
export function checkName(written: string): string {
  const name = written.startsWith('/') ? written.slice(1) : written;
  if (grammar.test(name)) return name;
  const rule = 'only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed';
  throw invalid(`Invalid container name (${written}), ${rule}`);
}

export function inventName(random: Random, isTaken: (name: string) => boolean): string {
  for (let attempt = 0; ; attempt += 1) {
    const [a = 0, b = 0, c = 0, d = 0, e = 0] = random(5);
    const quality = qualities[(a * 256 + b) % qualities.length] ?? 'able';
    const surname = surnames[(c * 256 + d) % surnames.length] ?? 'cook';
    const name = `${quality}_${surname}${attempt < 6 ? '' : (e * attempt) % 1000}`;
    if (!isTaken(name)) return name;
  }
}

export function nameTaken(name: string, id: ContainerId): Refusal {
  return conflict(
    `Conflict. The container name "/${name}" is already in use by container "${id}". ` +
      'You have to remove (or rename) that container to be able to reuse that name.',
  );
}

/** What can be found: each id once, and the id behind a name. */
export interface KnownContainers {
  readonly has: (id: string) => boolean;
  readonly idOfName: (name: string) => ContainerId | undefined;
  readonly ids: () => Iterable<ContainerId>;
}

/** @throws NOT_FOUND, or INVALID where nothing or something ambiguous was said */
export function findId(reference: string, known: KnownContainers): ContainerId {
  if (reference === '') throw invalid('invalid name or ID supplied: ""');
  if (known.has(reference)) return containerIdSchema.parse(reference);
  const byName = known.idOfName(reference.startsWith('/') ? reference.slice(1) : reference);
  if (byName !== undefined) return byName;
  if (/^[0-9a-f]{1,63}$/.test(reference)) {
    const matching = [...known.ids()].filter(id => id.startsWith(reference));
    if (matching.length > 1) {
      throw invalid(`multiple IDs found with provided prefix: ${reference}`);
    }
    if (matching[0] !== undefined) return matching[0];
  }
  throw notFound(`No such container: ${reference}`);
}
