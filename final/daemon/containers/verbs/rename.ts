// Another name for a container.
//
// - `renameJob`: { reference, name }

import { jobType } from '../../../engine/job.ts';
import { invalid, Refusal } from '../../../engine/refusal.ts';
import type { Containers } from '../core/containers.ts';
import { checkName } from '../record/names.ts';

export interface RenameRequest {
  readonly reference: string;
  readonly name: string | undefined;
}

export const renameJob = jobType<RenameRequest, void>('rename');

export async function rename(containers: Containers, request: RenameRequest): Promise<void> {
  if (!request.name || request.name === '/') {
    containers.find(request.reference);
    throw invalid('Neither old nor new names may be empty');
  }
  const { id } = containers.find(request.reference);
  const written = request.name;
  await containers.live(id).queue.run(() => {
    const record = containers.get(id);
    const name = allocating(() => checkName(written));
    if (name === record.name) {
      throw invalid('Renaming a container with the same name as its current name');
    }
    using held = new DisposableStack();
    held.use(allocating(() => containers.store.reserve(name, id)));
    const renamed = containers.save({ ...record, name });
    containers.needs.networks.renamed(renamed);
    containers.tell(renamed, 'rename', { oldName: `/${record.name}` });
  });
}

function allocating<Result>(work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const message = `Error when allocating new name: ${error.message}`;
    throw new Refusal(error.code, message, { cause: error });
  }
}
