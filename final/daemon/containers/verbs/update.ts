// Other limits and another restart policy for a container, running or not.
//
// - `updateJob`: { reference, update } → warnings
//
// What is zero, empty or null stays as it is; a restart policy without a name, too.

import { jobType } from '../../../engine/job.ts';
import { conflict } from '../../../engine/refusal.ts';
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
  verifyRestartPolicy(asked.RestartPolicy);
  const { limits, warnings } = verifyResources(asked, readHost(), true);
  const { id } = containers.find(reference);
  await containers.live(id).queue.run(() => {
    const record = containers.get(id);
    if (record.state.status === 'removing' || record.state.status === 'dead') {
      throw conflict(
        `Cannot update container ${id}: container is marked for removal and cannot be "update"`,
      );
    }
    refuseConflicts(id, record.hostConfig, limits);
    const hostConfig = merged(record.hostConfig, limits);
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
  return {
    ...before,
    ...Object.fromEntries(changed),
    ...(resources.PidsLimit !== null && { PidsLimit: resources.PidsLimit }),
    ...(RestartPolicy.Name !== '' && { RestartPolicy }),
  };
}

/** Source: UpdateContainer in container/container_unix.go of moby. */
function refuseConflicts(id: string, before: HostConfig, asked: UpdateConfig): void {
  const processors = 'Conflicting options:';
  const conflicts: readonly (readonly [boolean, string])[] = [
    [
      asked.NanoCpus > 0 && before.CpuPeriod > 0,
      `${processors} Nano CPUs cannot be updated as CPU Period has already been set`,
    ],
    [
      asked.NanoCpus > 0 && before.CpuQuota > 0,
      `${processors} Nano CPUs cannot be updated as CPU Quota has already been set`,
    ],
    [
      asked.CpuPeriod > 0 && before.NanoCpus > 0,
      `${processors} CPU Period cannot be updated as NanoCPUs has already been set`,
    ],
    [
      asked.CpuQuota > 0 && before.NanoCpus > 0,
      `${processors} CPU Quota cannot be updated as NanoCPUs has already been set`,
    ],
    [
      asked.Memory !== 0 && asked.Memory > before.MemorySwap && asked.MemorySwap === 0,
      'Memory limit should be smaller than already set memoryswap limit, update the memoryswap ' +
        'at the same time',
    ],
    [
      before.AutoRemove && !['', 'no'].includes(asked.RestartPolicy.Name),
      'Restart policy cannot be updated because AutoRemove is enabled for the container',
    ],
  ];
  const found = conflicts.find(([isThere]) => isThere);
  if (found !== undefined) throw conflict(`Cannot update container ${id}: ${found[1]}`);
}
