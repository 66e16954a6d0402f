// The window of a container's terminal.
//
// - `resizeJob`: { reference, rows, columns }

import { jobType } from '../../../engine/job.ts';
import type { Containers } from '../core/containers.ts';
import { runningOf } from './pause.ts';

export interface ResizeRequest {
  readonly reference: string;
  readonly rows: number;
  readonly columns: number;
}

export const resizeJob = jobType<ResizeRequest, void>('resize');

export async function resize(containers: Containers, request: ResizeRequest): Promise<void> {
  const { id } = containers.find(request.reference);
  const { rows, columns } = request;
  containers.live(id).size = { rows, columns };
  await runningOf(containers, id).main.resize(rows, columns);
  const more = { height: String(rows), width: String(columns) };
  containers.tell(containers.get(id), 'resize', more);
}
