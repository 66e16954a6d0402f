// All that a container wants mounted, in Docker's order of precedence.
//
// - `draftsOf(request, find)`: one a destination; none of their volumes made yet
//
//   --volumes-from    gives way to all the others
//   Binds, Mounts     two of them at one place are refused
//   Tmpfs             the same
//   Volumes           of the image and of `-v /place`: where nothing else is

import { invalid, Refusal } from '../../engine/refusal.ts';
import type { MountedContainer, MountingRequest } from '../mounting.ts';
import type { MountPoint } from '../mount-point.ts';
import { readBind } from './bind.ts';
import { pointOf, type Draft } from './draft.ts';
import { readMount } from './mount.ts';
import { cleanPath, readMode, targetComplaint } from './place.ts';
import { readTmpfs } from './tmpfs.ts';

/** @throws Refusal INVALID, NOT_FOUND for a container of --volumes-from */
export function draftsOf(
  { config, hostConfig }: MountingRequest,
  find: (reference: string) => MountedContainer,
): readonly Draft[] {
  const { VolumeDriver: driver, Tmpfs = {} } = hostConfig;
  const all = new Map<string, Draft>();
  for (const spec of hostConfig.VolumesFrom ?? []) {
    for (const point of inherited(spec, find)) all.set(point.destination, point);
  }
  const own = new Set<string>();
  const asked = [
    ...(hostConfig.Binds ?? []).map(text => withDriver(readBind(text), driver)),
    ...(hostConfig.Mounts ?? []).map(wish => readMount(wish)),
    ...Object.entries(Tmpfs).map(([target, text]) => readTmpfs(target, text)),
  ];
  for (const draft of asked) {
    const { destination } = draft;
    if (own.has(destination)) throw invalid(`Duplicate mount point: ${destination}`);
    own.add(destination);
    all.set(destination, draft);
  }
  for (const text of Object.keys(config.Volumes ?? {})) {
    const draft = withDriver(anonymous(text), driver);
    if (!all.has(draft.destination)) all.set(draft.destination, draft);
  }
  return [...all.values()];
}

function withDriver(draft: Draft, driver: string): Draft {
  return driver === '' || draft.type !== 'volume' ? draft : { ...draft, driver };
}

function anonymous(text: string): Draft {
  const complaint = targetComplaint(text);
  if (complaint !== undefined)
    throw invalid(`invalid volume specification: '${text}': ${complaint}`);
  return pointOf({
    ...{ type: 'volume', source: '', destination: cleanPath(text), mode: '', readWrite: true },
    propagation: '',
  });
}

/** Were it `not found`, the client would believe that the image is missing. */
function foundBy(
  find: (reference: string) => MountedContainer,
  reference: string,
): MountedContainer {
  try {
    return find(reference);
  } catch (cause) {
    if (!(cause instanceof Refusal)) throw cause;
    throw invalid(cause.message, { cause });
  }
}

/** Memory is nobody else's; what is there already is not filled again. */
function inherited(
  spec: string,
  find: (reference: string) => MountedContainer,
): readonly MountPoint[] {
  if (spec === '') throw invalid('volumes-from specification cannot be an empty string');
  const at = spec.indexOf(':');
  const [reference, mode] = at === -1 ? [spec, ''] : [spec.slice(0, at), spec.slice(at + 1)];
  const words = readMode(mode);
  if (words === undefined || words.propagation !== '' || words.noCopy)
    throw invalid(`invalid mode: ${mode}`);
  return foundBy(find, reference)
    .mounts.filter(({ type }) => type !== 'tmpfs')
    .map(point => ({
      ...point,
      ...{ readWrite: point.readWrite && !words.readOnly, noCopy: true, mode: '' },
    }));
}
