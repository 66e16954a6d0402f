// All that stands between a record and a running program, in its order.
//
// - `launch(containers, record)`: → Running
//
// Descriptors are ours until the keeper has its duplicates, and closed here whatever happens; the
// network is given back if the start is refused.

import { mkdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { cloneMount, cloneMountOf, openPath, type OpenMount, type Sink } from '@slipway/native';
import { failpoint } from '../../../engine/failpoints.ts';
import { conflict, invalid, Refusal } from '../../../engine/refusal.ts';
import type { Running } from '../../../execdriver/driver.ts';
import type { PreparedMount } from '../../../libcontainer/volumes.ts';
import type { Containers } from '../core/containers.ts';
import type { Live, PendingSink } from '../core/live.ts';
import { refuseWithoutRoom } from '../files/room.ts';
import { logSettings } from '../logs/options/settings.ts';
import { wantsInit, withUsual } from '../create/defaults.ts';
import { sharedWith } from '../create/verify-modes.ts';
import type { ContainerRecord } from '../record/record.ts';
import { readAccounts } from '../spec/accounts.ts';
import { makeSpec } from '../spec/spec.ts';
import { writeConfig } from './config-file.ts';

export async function launch(containers: Containers, asked: ContainerRecord): Promise<Running> {
  const { id } = asked;
  const { networks, volumes, layers, driver } = containers.needs;
  await using undo = new AsyncDisposableStack();
  undo.defer(() => rm(containers.execFolderOf(id), { recursive: true, force: true }));
  makeFolders(containers, id);
  failpoint('start.folders');
  using allocated = networks.allocate(asked);
  undo.defer(() => networks.release(asked));
  failpoint('start.network');
  const { config, hostConfig } = namedByNetwork(containers, asked);
  const record = { ...containers.get(id), config, hostConfig, networks: allocated.networks };
  containers.save(record);
  failpoint('start.networksNoted');
  const live = containers.live(id);
  await using tree = await live.tree.acquire(() => layers.open(id));
  failpoint('start.tree');
  if (!record.hostConfig.ReadonlyRootfs) refuseWithoutRoom(tree.own);
  const root = { descriptor: tree.forAttach(), own: tree.own };
  using held = await volumes.open(record, root.own);
  undo.defer(() => volumes.close(record));
  failpoint('start.volumes');
  using files = openFiles(allocated.files, record.hostConfig.ReadonlyRootfs);
  using memory = sharedMemory(containers, record);
  const spec = makeSpec(withUsual(containers.settings, record), {
    accounts: readAccounts(root.own),
    pidOf: (other, kind) => pidOf(containers, other, kind),
    cgroupParent: containers.settings.cgroupParent,
    linked: allocated.environment,
    sysctls: allocated.sysctls,
    seccompProfiles: containers.seccompProfiles,
  });
  const log = logOf(containers, record);
  const network = await allocated.open();
  const waiting = await sinksOf(live);
  const running = await driver.start({
    ...{ id, spec, root, network, folder: containers.execFolderOf(id) },
    mounts: [...files.mounts, ...memory.mounts, ...held.mounts],
    stdin: record.config.OpenStdin,
    sinks: waiting.map(({ sink }) => sink),
    ...(log !== undefined && { log }),
    ...(wantsInit(containers.settings, record) && { init: true }),
    ...sizeOf(live.size, record.hostConfig.ConsoleSize),
    ...(allocated.connect && { connect: allocated.connect }),
    meanwhile: () => {
      writeConfig(containers.execFolderOf(id), spec, containers.get(id));
      failpoint('start.config');
    },
  });
  for (const [index, { pending }] of waiting.entries()) {
    live.pendingSinks.delete(pending);
    const sink = running.main.sinks[index];
    pending.attached(sink && { sink, child: running.main });
  }
  undo.move();
  return running;
}

/** In another container's network everybody has its name. */
function namedByNetwork(containers: Containers, record: ContainerRecord): ContainerRecord {
  const other = sharedWith(record.hostConfig.NetworkMode);
  if (other === undefined) return record;
  const { Hostname, Domainname } = containers.find(other).config;
  return { ...record, config: { ...record.config, Hostname, Domainname } };
}

/** Whoever has said that he attaches is there at the first byte. */
async function sinksOf(
  live: Live,
): Promise<readonly { readonly pending: PendingSink; readonly sink: Sink }[]> {
  const found = await Promise.all(
    [...live.pendingSinks].map(async pending => ({ pending, sink: await pending.sink })),
  );
  return found.flatMap(({ pending, sink }) => (sink === undefined ? [] : [{ pending, sink }]));
}

/** In memory, as most of it: to wait for another thread would take longer. */
function makeFolders(containers: Containers, id: string): void {
  mkdirSync(containers.folderOf(id), { recursive: true, mode: 0o710 });
  mkdirSync(containers.execFolderOf(id), { recursive: true, mode: 0o700 });
}

function logOf(containers: Containers, record: ContainerRecord) {
  const { id, hostConfig } = record;
  const rules = logSettings(hostConfig.LogConfig, record, containers.settings);
  if (rules === undefined) return undefined;
  return { ...rules, folder: containers.folderOf(id), file: logFile(id) };
}

/** The name of its log in its folder; Docker's own. */
export function logFile(id: string): string {
  return `${id}-json.log`;
}

export function logPath(containers: Containers, id: string): string {
  return join(containers.folderOf(id), logFile(id));
}

/** @throws CONFLICT if it does not run, INVALID if it shares nothing */
function pidOf(containers: Containers, reference: string, kind: 'pid' | 'ipc'): number {
  const failed = `failed to join ${kind.toUpperCase()} namespace`;
  const { id, state, hostConfig } = findWithin(containers, reference, failed);
  if (state.pid === 0) throw conflict(`${failed}: container ${id} is not running`);
  const isShared = !['private', 'none'].includes(hostConfig.IpcMode);
  if (kind === 'pid' || isShared) return state.pid;
  const hint = 'hint: use IpcMode:shareable for the donor container';
  throw invalid(`${failed}: container ${id}: non-shareable IPC (${hint})`);
}

function findWithin(containers: Containers, reference: string, failed: string): ContainerRecord {
  try {
    return containers.find(reference);
  } catch (cause) {
    if (!(cause instanceof Refusal)) throw cause;
    throw invalid(`${failed}: ${cause.message}`, { cause });
  }
}

/** `--ipc container:NAME` means its /dev/shm, too. */
function sharedMemory(
  containers: Containers,
  { hostConfig }: ContainerRecord,
): Disposable & { readonly mounts: readonly PreparedMount[] } {
  const other = sharedWith(hostConfig.IpcMode);
  if (other === undefined) return { mounts: [], [Symbol.dispose]: () => undefined };
  const mount = cloneMountOf(pidOf(containers, other, 'ipc'), '/dev/shm');
  const mounts = [{ target: '/dev/shm', descriptor: mount.descriptor }];
  return { mounts, [Symbol.dispose]: () => mount[Symbol.dispose]() };
}

/** hosts, hostname and resolv.conf: each the host's own file, so that a later change is seen. */
export function openFiles(
  files: ReadonlyMap<string, string>,
  isReadOnly: boolean,
): Disposable & { readonly mounts: readonly PreparedMount[] } {
  using opening = new DisposableStack();
  const mounts = [...files].map(([target, path]) => {
    const mount: OpenMount = opening.use(cloneFile(path, isReadOnly));
    return { target, descriptor: mount.descriptor };
  });
  const held = opening.move();
  return { mounts, [Symbol.dispose]: () => held.dispose() };
}

function cloneFile(path: string, isReadOnly: boolean): OpenMount {
  using source = openPath(path);
  const attributes = isReadOnly ? (['ro'] as const) : [];
  return cloneMount(source.descriptor, { recursive: false, attributes });
}

/** Of its terminal: as somebody has said since, or with the request. */
function sizeOf(
  now: Live['size'],
  [rows, columns]: readonly [number, number],
): { readonly size?: NonNullable<Live['size']> } {
  if (now !== undefined) return { size: now };
  return rows > 0 && columns > 0 ? { size: { rows, columns } } : {};
}
