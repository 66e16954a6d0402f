// A process of an exec by its id.
//
// - `findExec(containers, id)`: throws NOT_FOUND `No such exec instance: …`

import { notFound } from '../../../engine/refusal.ts';
import type { Containers } from '../core/containers.ts';
import type { Exec } from '../core/live.ts';

export function findExec(containers: Containers, id: string): Exec {
  const exec = containers.execs.get(id);
  if (exec !== undefined) return exec;
  throw notFound(`No such exec instance: ${id}`);
}
