// `Mounts`: what `--mount` becomes, one object a mount.
//
// - `readMount(wish)`: a bind, a volume or memory, and where it goes
//
// Unlike `-v` it makes no source: a path with a typo should not become an empty folder.

import { existsSync } from 'node:fs';
import { normalize } from 'node:path';
import { invalid, Refusal } from '../../engine/refusal.ts';
import { readSpread } from '../../libcontainer/volumes.ts';
import type { MountWish } from '../mounting.ts';
import { pointOf, type Draft } from './draft.ts';
import { cleanPath, targetComplaint } from './place.ts';
import { memoryWords } from './tmpfs.ts';

/** @throws Refusal INVALID, UNSUPPORTED for a type that others have */
export function readMount(wish: MountWish): Draft {
  refuseOthersOptions(wish);
  const complaint = targetComplaint(wish.Target) ?? complaintOf(wish);
  if (complaint !== undefined) throw wrong(wish, complaint);
  const about = {
    destination: cleanPath(wish.Target),
    mode: '',
    readWrite: wish.ReadOnly !== true,
  };
  switch (wish.Type) {
    case 'bind':
      return bind(wish, about);
    case 'volume':
      return volume(wish, about);
    case 'tmpfs': {
      const tmpfsOptions = memoryWords(wish);
      return pointOf({ type: 'tmpfs', ...about, source: '', propagation: '', tmpfsOptions });
    }
    case 'image':
    case 'cluster':
      throw new Refusal('UNSUPPORTED', `mounts of type ${wish.Type} are not supported here`);
    default:
      throw wrong(wish, 'mount type unknown');
  }
}

/** What belongs to another type is refused before anything else. */
function refuseOthersOptions(wish: MountWish): void {
  const owners = { VolumeOptions: 'volume', BindOptions: 'bind', TmpfsOptions: 'tmpfs' } as const;
  for (const [field, owner] of Object.entries(owners)) {
    if (wish[field as keyof typeof owners] === undefined || wish.Type === owner) continue;
    throw invalid(`${field} must not be specified on mount type ${JSON.stringify(wish.Type)}`);
  }
}

function wrong({ Type }: MountWish, complaint: string): Refusal {
  return invalid(`invalid mount config for type "${Type}": ${complaint}`);
}

function complaintOf(wish: MountWish): string | undefined {
  const { Type, Source = '', ReadOnly, BindOptions, VolumeOptions, TmpfsOptions } = wish;
  const extra = (field: string, isThere: unknown): string | undefined =>
    isThere === undefined || isThere === false ? undefined : `field ${field} must not be specified`;
  switch (Type) {
    case 'bind':
      return extra('VolumeOptions', VolumeOptions) ?? complaintOfBind(wish);
    case 'volume': {
      const { Subpath: subpath = '' } = VolumeOptions ?? {};
      if (subpath !== '' && Source === '')
        return 'must not set Subpath when using anonymous volumes';
      if (subpath !== '' && !isLocal(subpath))
        return 'subpath must be a relative path within the volume';
      if (ReadOnly === true && Source === '')
        return 'must not set ReadOnly mode when using anonymous volumes';
      return extra('BindOptions', BindOptions);
    }
    case 'tmpfs':
      return extra('BindOptions', BindOptions) ?? extra('Source', Source !== '');
    default:
      return extra('TmpfsOptions', TmpfsOptions);
  }
}

function complaintOfBind({ Source = '', BindOptions = {} }: MountWish): string | undefined {
  const { Propagation = '', CreateMountpoint = false } = BindOptions;
  if (Source === '') return 'field Source must not be empty';
  if (Propagation !== '' && readSpread(Propagation) === undefined)
    return `invalid propagation mode: ${Propagation}`;
  if (!Source.startsWith('/')) return `invalid mount path: '${Source}' mount path must be absolute`;
  if (CreateMountpoint || existsSync(Source)) return undefined;
  return `bind source path does not exist: ${Source}`;
}

function isLocal(path: string): boolean {
  const clean = normalize(path);
  return !clean.startsWith('/') && clean !== '..' && !clean.startsWith('../');
}

type About = Pick<Draft, 'destination' | 'mode' | 'readWrite'>;

function bind({ Source = '', BindOptions = {} }: MountWish, about: About): Draft {
  const { Propagation, NonRecursive, CreateMountpoint, ReadOnlyNonRecursive } = BindOptions;
  return pointOf({
    ...{ type: 'bind', source: cleanPath(Source), propagation: Propagation || 'rprivate' },
    ...about,
    nonRecursive: NonRecursive ?? false,
    readOnlyNonRecursive: ReadOnlyNonRecursive ?? false,
    createSource: CreateMountpoint ?? false,
  });
}

function volume({ Source = '', VolumeOptions = {} }: MountWish, about: About): Draft {
  const { NoCopy, Labels, Subpath = '', DriverConfig } = VolumeOptions;
  return {
    ...pointOf({ type: 'volume', source: '', propagation: '', ...about, noCopy: NoCopy ?? false }),
    mode: 'z',
    ...(Source !== '' && { name: Source }),
    ...(Subpath !== '' && { subpath: normalize(Subpath) }),
    ...(DriverConfig?.Name && { driver: DriverConfig.Name }),
    ...{ labels: Labels, options: DriverConfig?.Options },
  };
}
