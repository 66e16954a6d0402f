// The runtime configuration of a container that runs, beside its keeper's socket.
//
// - `writeConfig(folder, spec, record)`, `readConfig(folder)`: `config.json`, as OCI runtimes call
//   it
// - `readRecord(folder)`: the container's record as it was then, if the database has lost it
// - `specOf(containers, record)`, `bareSpec(parent, id)`: for who lost his: made again, as far as
//   it is needed to find the container and to be of use to an exec
//
// A daemon that finds the container running reads what it was started with: image and record may
// say something else by then.

import { renameSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseSpec, type RuntimeSpec } from '../../../libcontainer/spec.ts';
import type { Containers } from '../core/containers.ts';
import { recordSchema, type ContainerRecord } from '../record/record.ts';
import { makeSpec } from '../spec/spec.ts';

const file = 'config.json';

export function writeConfig(folder: string, spec: RuntimeSpec, record: ContainerRecord): void {
  const partial = join(folder, `${file}.partial`);
  writeFileSync(partial, JSON.stringify({ ...spec, record }), { mode: 0o600 });
  renameSync(partial, join(folder, file));
}

/** Undefined if there is none, or none that can be read. */
export async function readConfig(folder: string): Promise<RuntimeSpec | undefined> {
  try {
    return parseSpec(JSON.parse(await readFile(join(folder, file), 'utf8')));
  } catch {
    return undefined;
  }
}

export async function readRecord(folder: string): Promise<ContainerRecord | undefined> {
  try {
    return recordSchema.parse(JSON.parse(await readFile(join(folder, file), 'utf8')).record);
  } catch {
    return undefined;
  }
}

export function specOf(
  { settings, seccompProfiles }: Containers,
  record: ContainerRecord,
): RuntimeSpec {
  // Who it runs as is known to the kernel; an exec asks the record.
  const anybody = { ...record, config: { ...record.config, User: '' } };
  return makeSpec(anybody, {
    accounts: { users: [], groups: [] },
    pidOf: () => 0,
    cgroupParent: settings.cgroupParent,
    seccompProfiles,
  });
}

export function bareSpec(parent: string, id: string): RuntimeSpec {
  return {
    ociVersion: '1.2.0',
    process: { user: { uid: 0, gid: 0 }, args: ['lost'], cwd: '/' },
    root: { path: 'rootfs' },
    linux: { cgroupsPath: `/${parent}/${id}` },
  };
}
