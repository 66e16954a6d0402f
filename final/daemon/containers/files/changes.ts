// What a container has changed of its image: `docker diff`.
//
// - `changesJob`: { reference } → `[{ Path, Kind }]`, or null if nothing has changed

import { jobType } from '../../../engine/job.ts';
import type { PathChange } from '../../../graph/containers-layers.ts';
import type { Containers } from '../core/containers.ts';

type Changes = readonly PathChange[] | null;

export const changesJob = jobType<{ readonly reference: string }, Changes>('changes');

export function changes(containers: Containers, reference: string): Changes {
  const { id } = containers.find(reference);
  const found = containers.needs.layers.changes(id);
  return found.length > 0 ? found : null;
}
