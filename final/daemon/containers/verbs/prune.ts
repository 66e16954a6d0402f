// All containers that do not run are removed.
//
// - `pruneJob`: { filters } → their ids, and the bytes that they took

import { jobType } from '../../../engine/job.ts';
import { hasLabels, valuesOf, type Filters } from '../../../api/filters.ts';
import { parseMoment } from '../../../api/moments.ts';
import { invalid } from '../../../engine/refusal.ts';
import type { Containers } from '../core/containers.ts';
import { timeOf } from '../core/moments.ts';
import type { ContainerRecord } from '../record/record.ts';
import { isRunning } from '../record/state.ts';
import { removeNow } from './remove.ts';

export interface Pruned {
  readonly ids: readonly string[];
  readonly bytes: number;
}

export const pruneJob = jobType<{ readonly filters: Filters }, Pruned>('prune_containers');

/** What a prune may be narrowed by. */
export const pruneFilters = ['label', 'label!', 'until'] as const;

export async function prune(containers: Containers, filters: Filters): Promise<Pruned> {
  const isWanted = chosenBy(filters);
  const ids: string[] = [];
  let bytes = 0;
  for (const { id } of [...containers.all()].filter(isWanted)) {
    await containers.live(id).queue.run(async () => {
      const record = containers.store.get(id);
      if (record === undefined || isRunning(record.state)) return;
      const { rw } = containers.needs.layers.sizes(id);
      await removeNow(containers, id, { withVolumes: false });
      bytes += rw;
      ids.push(id);
    });
  }
  containers.needs.events.emit('container', 'prune', '', { reclaimed: String(bytes) });
  return { ids, bytes };
}

function chosenBy(filters: Filters): (record: ContainerRecord) => boolean {
  const moments = valuesOf(filters, 'until').map(written => {
    const moment = parseMoment(written);
    if (moment === undefined)
      throw invalid(`failed to parse value as time or duration: ${JSON.stringify(written)}`);
    return moment;
  });
  if (moments.length > 1) throw invalid('more than one until filter specified');
  const [until] = moments;
  return ({ config, created, state }) => {
    const labels = config.Labels ?? {};
    if (isRunning(state) || !hasLabels(filters, 'label', labels)) return false;
    const unwanted = new Map([['label', valuesOf(filters, 'label!')]]);
    if (valuesOf(filters, 'label!').length > 0 && hasLabels(unwanted, 'label', labels))
      return false;
    return until === undefined || (timeOf(created) ?? 0n) < until;
  };
}
