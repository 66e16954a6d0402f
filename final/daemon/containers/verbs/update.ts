// Other limits and another restart policy for a container, running or not.
//
// - `updateJob`: { reference, update } → warnings
//
// What is zero, empty or null stays as it is; a restart policy without a name, too.

import { jobType } from '../../../engine/job.ts';
import { conflict, type Refusal } from '../../../engine/refusal.ts';
import type { Containers } from '../core/containers.ts';
import { readHost } from '../create/host.ts';
import { verifyRestartPolicy } from '../create/verify.ts';
import { verifyResources } from '../create/verify-resources.ts';
import type { HostConfig, UpdateConfig } from '../record/host-config.ts';
import { isAlive } from '../record/state.ts';
import { specResources } from '../spec/resources.ts';

export interface UpdateRequest {
  readonly reference: string;
  readonly update: UpdateConfig;
}

export const updateJob = jobType<UpdateRequest, readonly string[]>('update');

export async function update(
  containers: Containers,
  { reference, update: asked }: UpdateRequest,
): Promise<readonly string[]> {
  const { id } = containers.find(reference);
  const host = readHost();
  verifyRestartPolicy(asked.RestartPolicy);
  const warnings = verifyResources(asked, host, true);
  await containers.live(id).queue.run(() => {
    const record = containers.get(id);
    if (record.state.status === 'removing' || record.state.status === 'dead') {
      throw conflict(`Cannot update container ${id}: container is marked for removal`);
    }
    const hostConfig = merged(record.hostConfig, asked);
    refuseConflicts(id, record.hostConfig, hostConfig);
    verifyResources(hostConfig, host, true);
    const { running } = containers.live(id);
    if (running !== undefined && isAlive(record.state)) {
      running.update(specResources(hostConfig, undefined));
    }
    containers.tell(containers.save({ ...record, hostConfig }), 'update');
  });
  return warnings;
}

function merged(before: HostConfig, asked: UpdateConfig): HostConfig {
  const { RestartPolicy, ...resources } = asked;
  const changed = Object.entries(resources).filter(
    ([, value]) => value !== 0 && value !== '' && value !== null && value !== undefined,
  );
  const limits = Object.fromEntries(changed);
  const swaps = asked.Memory > 0 && asked.MemorySwap === 0 && before.Memory > 0;
  const stillFits = before.MemorySwap === -1 || before.MemorySwap >= asked.Memory;
  return {
    ...before,
    ...limits,
    ...(asked.NanoCpus > 0 && { CpuPeriod: 0, CpuQuota: 0 }),
    ...(asked.Memory > 0 && before.MemorySwap === 0 && !swaps && { MemorySwap: asked.Memory * 2 }),
    ...(swaps && !stillFits && { MemorySwap: before.MemorySwap }),
    ...(RestartPolicy.Name !== '' && { RestartPolicy }),
  };
}

function refuseConflicts(id: string, before: HostConfig, after: HostConfig): void {
  const refuse = (why: string): Refusal => conflict(`Cannot update container ${id}: ${why}`);
  if (after.AutoRemove && after.RestartPolicy.Name !== 'no') {
    throw refuse(
      'Restart policy cannot be updated because AutoRemove is enabled for the container',
    );
  }
  const { Memory, MemorySwap } = after;
  if (Memory !== before.Memory && MemorySwap > 0 && MemorySwap < Memory) {
    throw refuse(
      'Memory limit should be smaller than already set memoryswap limit, update the memoryswap ' +
        'at the same time',
    );
  }
}
