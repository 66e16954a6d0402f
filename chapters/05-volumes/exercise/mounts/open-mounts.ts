// Made from ../../mounts/open-mounts.ts by `npm run generate`. It leaves out one part: yours.
// See how far you are, in the folder of the chapter: SUBJECT=exercise/run.ts npm test
//
// From wishes to mounts that hang nowhere yet.
//
// - `openMounts(requests, where)`: each source opened once, looked at by its
//   descriptor, cloned, and adorned: read-only, owners, propagation
// - `fillVolumes(requests, where)`: of all that only the copies into empty volumes
// - `OpenMounts`: to be handed to `withVolumes`; disposing gives everything back
//
// What was looked at is what is mounted: no path of a source is walked twice, so
// whoever renames it meanwhile changes nothing. Sources: open_tree(2),
// mount_setattr(2).

import { closeSync, fstatSync, mkdirSync } from 'node:fs';
import {
  cloneMount,
  openBeneath,
  openInRoot,
  openPath,
  SyscallError,
  type MountFlag,
  type OpenDescriptor,
  type OpenMount,
} from '@slipway/native';
import { VolumeError } from '../../store/errors.ts';
import { fillFolder } from '../store/fill.ts';
import type { Volume, VolumeStore } from '../store/volume-store.ts';
import {
  refuse,
  type BindRequest,
  type MountRequest,
  type VolumeRequest,
} from '../../wish/mount-request.ts';
import {
  glance,
  justAPath,
  lookInside,
  refuseMisfit,
} from '../../mounts/look-inside.ts';
import { openOwners } from '../../mounts/owners-namespace.ts';
import { refuseUnshared } from '../../mounts/shared-mount.ts';

/** One mount, ready to be attached. */
export type PreparedMount =
  | { readonly target: string; readonly descriptor: number }
  | {
      readonly target: string;
      readonly flags: readonly MountFlag[];
      readonly data: string;
    };

/** A mount as another container can have it, too. */
export interface SharedMount {
  readonly request: MountRequest;
  /** A bind's source, as a descriptor of this process. */
  readonly source?: number;
}

export interface OpenMounts extends Disposable {
  /** In the order in which they are attached. */
  readonly mounts: readonly PreparedMount[];
  /** What others need to have the same: every volume with a name, every source open. */
  readonly shared: readonly SharedMount[];
  /** What the user should know: what an image had and its volume has not. */
  readonly notes: readonly string[];
}

export interface Where {
  readonly volumes: VolumeStore;
  /** The container's root, as a mount that hangs nowhere. */
  readonly root: number;
  /** Volumes without a name stay when the mounts are given back. */
  readonly keepAnonymous?: boolean;
  /** What is mounted in the place of a volume that has a device. */
  readonly openDevice?: (volume: Volume, request: VolumeRequest) => Promise<OpenDevice>;
}

/** A folder that is still to be cloned, or a mount as the request wants it. */
export type OpenDevice =
  | { readonly folder: OpenDescriptor }
  | { readonly mount: OpenMount };

/**
 * The mounts of one container. `requests` come from `arrange`.
 *
 * @throws UsageError for a source or a target that cannot be, VolumeError, SyscallError
 */
export async function openMounts(
  requests: readonly MountRequest[],
  where: Where,
): Promise<OpenMounts> {
  const held = new DisposableStack();
  const notes: string[] = [];
  const opened = { mounts: [] as PreparedMount[], shared: [] as SharedMount[] };
  try {
    for (const request of requests) {
      const inner = requests.some(other => isBelow(request, other));
      const one = await openOne(request, { ...where, inner }, held, notes);
      opened.mounts.push(one.mount);
      opened.shared.push(one.shared);
    }
  } catch (error) {
    held.dispose();
    throw error;
  }
  return { ...opened, notes, [Symbol.dispose]: () => held.dispose() };
}

/** What new volumes shall hold is in them; nothing is mounted. @throws as openMounts */
export async function fillVolumes(
  requests: readonly MountRequest[],
  where: Where,
): Promise<void> {
  const { root, volumes } = where;
  for (const request of requests) {
    if (request.type !== 'volume' || request.name === undefined) continue;
    const inner = requests.some(other => isBelow(request, other));
    using place = inner ? glance(root, request) : lookInside(root, request);
    if (place === undefined || !request.copy) continue;
    if (!inner) refuseMisfit(place, true, request);
    if (isWhole(request, volumes)) {
      using _ = await volumes.open(request.name, place.descriptor);
    } else await fillPart(request, request.name, place, where);
  }
}

/** All of a volume that is a folder of the store, which is filled completely or not. */
function isWhole({ name, subpath }: VolumeRequest, volumes: VolumeStore): boolean {
  if (subpath !== undefined) return false;
  return name === undefined || volumes.find(name)?.device === undefined;
}

/** Also where the container is to have it read-only. */
async function fillPart(
  request: VolumeRequest,
  name: string,
  place: OpenDescriptor,
  { volumes, openDevice = noDevice }: Where,
): Promise<void> {
  using held = await volumes.open(name);
  const opened = held.volume.device
    ? await openDevice(held.volume, { ...request, readOnly: false })
    : { folder: openInRoot(held.descriptor, '_data') };
  try {
    using part =
      'mount' in opened ? opened.mount : openPart(opened.folder, request.subpath);
    fillFolder(part.descriptor, place.descriptor);
  } catch (error) {
    // There is no such part: the start says so.
    if (!(error instanceof SyscallError) || error.code !== 'ENOENT') throw error;
  }
}

/** Below the target of another one it is that one's content that counts. */
function isBelow({ target }: MountRequest, other: MountRequest): boolean {
  return target.startsWith(`${other.target}/`);
}

interface Place extends Where {
  readonly inner: boolean;
}

interface Opened {
  readonly mount: PreparedMount;
  readonly shared: SharedMount;
}

async function openOne(
  request: MountRequest,
  where: Place,
  held: DisposableStack,
  notes: string[],
): Promise<Opened> {
  const { inner, root } = where;
  using place = inner ? glance(root, request) : lookInside(root, request);
  const covered = inner ? undefined : place;
  if (request.type === 'tmpfs') {
    if (covered) refuseMisfit(covered, true, request);
    const { target, flags, data } = request;
    return { mount: { target, flags, data }, shared: { request } };
  }
  if (request.type === 'volume') {
    if (covered) refuseMisfit(covered, true, request);
    return await openVolume(request, place, where, held, notes);
  }
  const source = held.use(openSource(request));
  if (covered) {
    refuseMisfit(covered, fstatSync(source.descriptor).isDirectory(), request);
  }
  refuseUnshared(source.descriptor, request);
  const mount = held.use(await clone(source, request));
  return {
    mount: { target: request.target, descriptor: mount.descriptor },
    shared: { request, source: source.descriptor },
  };
}

/** Claimed for as long as the mounts are held; first filled, if it is new. */
async function openVolume(
  request: VolumeRequest,
  place: OpenDescriptor | undefined,
  { volumes, keepAnonymous = false, openDevice = noDevice }: Where,
  held: DisposableStack,
  notes: string[],
): Promise<Opened> {
  const anonymous = request.name === undefined;
  const name = request.name ?? volumes.createAnonymous().name;
  if (anonymous && !keepAnonymous) held.defer(() => removeUnused(volumes, name));
  const copies = request.copy && isWhole(request, volumes);
  const content = copies ? place?.descriptor : undefined;
  const { volume, descriptor, left } = held.use(await volumes.open(name, content));
  for (const path of left) {
    notes.push(
      `${request.target}/${path} was not copied into the volume: no file, no link`,
    );
  }
  const opened = volume.device
    ? await openDevice(volume, request)
    : { folder: openInRoot(descriptor, '_data') };
  const mount = held.use(
    'mount' in opened ? opened.mount : await cloneOf(opened, request),
  );
  return {
    mount: { target: request.target, descriptor: mount.descriptor },
    shared: { request: { ...request, name } },
  };
}

async function cloneOf(
  { folder }: { readonly folder: OpenDescriptor },
  request: VolumeRequest,
): Promise<OpenMount> {
  using source = partOf(folder, request);
  return await clone(source, request);
}

async function noDevice({ name }: Volume): Promise<never> {
  throw new VolumeError('BROKEN', name, 'its device is mounted by an engine alone');
}

/** All of the volume, or a part of it that no link leads out of. */
function openPart(whole: OpenDescriptor, subpath: string | undefined): OpenDescriptor {
  if (subpath === undefined) return whole;
  using _ = whole;
  const how = { follow: 'beneath' } as const;
  const descriptor = openBeneath(whole.descriptor, subpath, justAPath, how);
  return { descriptor, [Symbol.dispose]: () => closeSync(descriptor) };
}

function partOf(
  whole: OpenDescriptor,
  { subpath, asked }: VolumeRequest,
): OpenDescriptor {
  try {
    return openPart(whole, subpath);
  } catch (error) {
    if (!(error instanceof SyscallError)) throw error;
    const why: Readonly<Record<string, string>> = {
      ENOENT: 'no such file or directory',
      EXDEV: 'path concatenation escapes the base directory',
    };
    const reason = why[error.code] ?? error.code;
    return refuse(asked, `cannot access path ${subpath}: ${reason}`);
  }
}

/** Another container may have got it by --volumes-from. */
function removeUnused(volumes: VolumeStore, name: string): void {
  try {
    volumes.remove(name);
  } catch (error) {
    const kept = error instanceof VolumeError && error.code === 'IN_USE';
    if (!kept) throw error;
  }
}

/** @throws UsageError if it is not there, and was not to be made */
function openSource({ source, makeSource, asked }: BindRequest): OpenDescriptor {
  try {
    return openPath(source);
  } catch (error) {
    const isMissing =
      error instanceof SyscallError && /^ENO(ENT|TDIR)$/.test(error.code);
    if (!isMissing || !makeSource || error.code === 'ENOTDIR') {
      refuse(asked, isMissing ? `there is no ${source}` : whyNot(error));
    }
  }
  mkdirSync(source, { recursive: true });
  return openPath(source);
}

function whyNot(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

async function clone(
  source: OpenDescriptor,
  request: BindRequest | VolumeRequest,
): Promise<OpenMount> {
  const spread = request.type === 'bind' ? request.spread : undefined;
  const isTop = request.type === 'bind' && request.readOnlyTop === true;
  using owners = request.owners ? await openOwners(request.owners) : undefined;
  try {
    return cloneMount(source.descriptor, {
      recursive: request.type === 'bind' ? request.recursive : false,
      // YOUR PART read-only: `:ro` is a property of this mount, not of the files: the
      // same folder can be writable elsewhere. The attributes of a clone are set before
      // anybody sees it.
      attributes: [],
      ...(isTop && { attributesRecursive: false }),
      propagation: spread?.kind ?? 'private',
      propagationRecursive: spread?.recursive ?? true,
      ...(owners && { owners: owners.descriptor }),
    });
  } catch (error) {
    if (!(error instanceof SyscallError)) throw error;
    return refuse(request.asked, whyNoClone(error, request));
  }
}

function whyNoClone(error: SyscallError, { owners }: { owners?: unknown }): string {
  if (error.code === 'EPERM') return 'to mount takes CAP_SYS_ADMIN: run it with sudo';
  if (error.syscall === 'mount_setattr' && owners !== undefined) {
    return `its file system cannot show other owners (${error.code}): leave idmap out`;
  }
  return error.message;
}
// As made: 4c98b4dc
