// The runtime configuration of a container that runs, beside its keeper's socket.
//
// - `writeConfig(folder, spec)`, `readConfig(folder)`: `config.json`, as OCI runtimes call it
//
// A daemon that finds the container running reads what it was started with: image and record may
// say something else by then.

import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseSpec, type RuntimeSpec } from '../../../libcontainer/spec.ts';

const file = 'config.json';

export async function writeConfig(folder: string, spec: RuntimeSpec): Promise<void> {
  const partial = join(folder, `${file}.partial`);
  await writeFile(partial, JSON.stringify(spec), { mode: 0o600 });
  await rename(partial, join(folder, file));
}

/** Undefined if there is none, or none that can be read. */
export async function readConfig(folder: string): Promise<RuntimeSpec | undefined> {
  try {
    return parseSpec(JSON.parse(await readFile(join(folder, file), 'utf8')));
  } catch {
    return undefined;
  }
}
