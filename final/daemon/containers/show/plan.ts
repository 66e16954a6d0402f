// What a start of a container would be: nothing is made, and every descriptor is 0.
//
// - `planOf(containers, record)`: → the plan, for a driver to explain

import type { ContainerPlan } from '../../../execdriver/driver.ts';
import type { Network } from '../../../libcontainer/network.ts';
import type { Containers } from '../core/containers.ts';
import { wantsInit, withUsual } from '../create/defaults.ts';
import { sharedWith } from '../create/verify-modes.ts';
import type { ContainerRecord } from '../record/record.ts';
import { readAccounts } from '../spec/accounts.ts';
import { makeSpec } from '../spec/spec.ts';

/** The engine's own files in it. */
const files = ['/etc/resolv.conf', '/etc/hostname', '/etc/hosts'] as const;

export async function planOf(
  containers: Containers,
  record: ContainerRecord,
): Promise<ContainerPlan> {
  const { id, hostConfig, mounts } = record;
  const { layers } = containers.needs;
  await using tree = await containers.live(id).tree.acquire(() => layers.open(id));
  const spec = makeSpec(withUsual(containers.settings, record), {
    accounts: readAccounts(tree.own),
    // Of a process that may not run yet only the place is said.
    pidOf: () => 0,
    cgroupParent: containers.settings.cgroupParent,
    seccompProfiles: containers.seccompProfiles,
  });
  const targets = [...files, ...mounts.map(({ destination }) => destination)];
  return {
    ...{ id, spec, network: networkOf(hostConfig.NetworkMode) },
    mounts: targets.map(target => ({ target, descriptor: 0 })),
    ...(wantsInit(containers.settings, record) && { init: true }),
  };
}

function networkOf(mode: string): Network {
  if (mode === 'host') return { mode: 'host' };
  if (sharedWith(mode) !== undefined) return { mode: 'container', pidfd: 0 };
  return { mode: 'prepared', namespace: 0 };
}
