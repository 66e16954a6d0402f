// A user namespace that nobody lives in: a table of owners for a mount.
//
// - `openOwners(maps)`: its descriptor
//
// mount_setattr(2) takes the maps of an id-mapped mount from a user namespace: an owner
// on disk counts as an id *inside* it, and is seen as the id outside. A child is born
// into a new one, its maps are written, the descriptor is taken, and the child ends.

import { closeSync, openSync } from 'node:fs';
import { spawn, step, type OpenDescriptor } from '@slipway/native';
import { writeIdMaps } from '@slipway/namespaces';
import type { IdMap } from '@slipway/namespaces/container/id-map.ts';

/** Why the child is not needed any more. */
class Taken extends Error {
  override readonly name = 'Taken';
}

/**
 * The same maps for uids and gids. @throws SyscallError, or Error if they are refused
 */
export async function openOwners(maps: readonly IdMap[]): Promise<OpenDescriptor> {
  const opened: number[] = [];
  const ids = { uids: maps, gids: maps, setgroups: 'allow' } as const;
  try {
    await spawn({
      namespaces: ['user'],
      program: [step.barrier('owners'), step.exec(['/nothing'], [])],
      stdio: ['null', 'null', 'null'],
      onBarrier: (_, { pid }) => {
        writeIdMaps(pid, ids);
        opened.push(openSync(`/proc/${pid}/ns/user`, 'r'));
        // Whatever is thrown here, the child is killed and reaped.
        throw new Taken();
      },
    });
  } catch (error) {
    if (!(error instanceof Taken)) throw error;
  }
  const [descriptor] = opened;
  if (descriptor === undefined)
    throw new Error('the user namespace could not be opened');
  return { descriptor, [Symbol.dispose]: () => closeSync(descriptor) };
}
