/**
 * Slipway as a contestant with a whole container: the functions that chapter 06's runtime is made
 * of, in one Node process.
 *
 *   slipway.ts ROOTFS
 *
 * For each line on standard input one container is started, waited for, and all that it had is
 * given back: its lease, its port, its cable, its groups, its layer. See ../contestant.ts.
 */
import { randomBytes } from 'node:crypto';
import { createInterface } from 'node:readline';
import { spawn } from '@slipway/native';
import { holdNetwork, withNetwork } from '@slipway/network';
import { openContainerRoot, removeContainerLayers } from '@slipway/unionfs';
import { holdVolumes } from '@slipway/volumes';
import { allLimits } from '../floor-options.ts';
import { groupsOfRounds } from '../measure/groups-of-rounds.ts';
import { wholeRequest } from './request.ts';
import { raiseStage } from './stage.ts';

await using groups = groupsOfRounds(allLimits());
await using stage = await raiseStage(process.argv[2] ?? '');
for await (const _ of createInterface({ input: process.stdin })) {
  const began = process.hrtime.bigint();
  await oneContainer();
  process.stdout.write(`${process.hrtime.bigint() - began}\n`);
}

async function oneContainer(): Promise<void> {
  const { store, image, mounts } = stage;
  const id = randomBytes(32).toString('hex');
  await using held = new AsyncDisposableStack();
  const network = held.use(await holdNetwork(stage.network, stage));
  const group = await groups.make();
  held.defer(() => group.remove());
  held.defer(() => removeContainerLayers(store, id));
  const root = held.use(await openContainerRoot({ store, image, id }));
  const volumes = held.use(await holdVolumes(mounts, root.descriptor));
  const parts = { root: root.descriptor, files: network.files, volumes: volumes.mounts };
  const request = withNetwork(wholeRequest(parts), await network.open());
  await using child = await spawn({ ...request, cgroups: group.directories });
  const status = await child.wait();
  if ('code' in status && status.code === 0) return;
  throw new Error(`the application ended with ${JSON.stringify(status)}`);
}
