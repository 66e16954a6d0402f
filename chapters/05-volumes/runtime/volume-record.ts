// --volumes-from: the volumes of a container that runs, for another one.
//
// - `recordVolumes(opened)`: writes down what this process has mounted for its
//   container
// - `volumesFrom(text)`: reads that of the container with a pid, as requests
//
// The record is a sealed file in memory among the descriptors of the runtime, the
// parent of the container: it is there exactly as long as that is, and needs no
// clean-up. Binds are taken by the descriptor that the runtime still holds open, so
// they are the same folders even when somebody has renamed them. Only the record of a
// process counts that has this machine's root: one inside of a container could name any
// folder of ours.

import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { sealRecord, type OpenDescriptor } from '@slipway/native';
import { refuse, type MountRequest } from '../wish/mount-request.ts';
import type { OpenMounts, SharedMount } from '../mounts/open-mounts.ts';

const recordName = 'slipway-volumes';

/** To be held while the container runs. */
export function recordVolumes({ shared }: OpenMounts): OpenDescriptor {
  return sealRecord(recordName, JSON.stringify(shared));
}

/**
 * The mounts behind `--volumes-from PID[:ro]`; memory (tmpfs) is nobody else's.
 *
 * @throws UsageError if the text is no pid, or if no container of ours has it
 */
export function volumesFrom(text: string): readonly MountRequest[] {
  const asked = `--volumes-from ${text}`;
  const [, pid, access] = /^(\d+)(?::(ro|rw))?$/.exec(text) ?? [];
  if (pid === undefined) refuse(asked, 'write PID, PID:ro or PID:rw of a container');
  const found = findRecord(Number(pid));
  if (found === undefined) {
    refuse(
      asked,
      `${pid} is no container with volumes: take the pid of its application`,
    );
  }
  const narrow = access === 'ro' ? { readOnly: true } : {};
  return found.shared.flatMap(({ request, source }): MountRequest[] => {
    if (request.type === 'tmpfs') return [];
    if (request.type === 'volume') return [{ ...request, ...narrow, asked }];
    const open = `/proc/${found.runtime}/fd/${source}`;
    // The path is as good while it leads there, and is of this table of mounts for
    // sure.
    const path =
      identityOf(request.source) === identityOf(open) ? request.source : open;
    return [{ ...request, ...narrow, asked, source: path, makeSource: false }];
  });
}

interface Found {
  readonly runtime: number;
  readonly shared: readonly SharedMount[];
}

/** In the nearest ancestor of `pid` that lives outside of containers. */
function findRecord(pid: number): Found | undefined {
  const own = identityOf('/');
  for (let at = pid; at > 0; at = parentOf(at)) {
    if (identityOf(`/proc/${at}/root/`) !== own) continue;
    const text = readRecord(at);
    if (text !== undefined) {
      return { runtime: at, shared: JSON.parse(text) as readonly SharedMount[] };
    }
  }
  return undefined;
}

function readRecord(pid: number): string | undefined {
  const folder = `/proc/${pid}/fd`;
  const wanted = `/memfd:${recordName} (deleted)`;
  const number = namesIn(folder).find(name => linkOf(`${folder}/${name}`) === wanted);
  return number === undefined ? undefined : readFileSync(`${folder}/${number}`, 'utf8');
}

function parentOf(pid: number): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return Number(/^PPid:\s*(\d+)$/m.exec(status)?.[1] ?? 0);
  } catch {
    return 0;
  }
}

/** Processes come and go while we look; one that is gone has no record. */
function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** Which file it is; undefined if it is not there, or not to be seen. */
function identityOf(path: string): string | undefined {
  try {
    const { dev, ino } = statSync(path, { bigint: true });
    return `${dev}:${ino}`;
  } catch {
    return undefined;
  }
}

function linkOf(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}
