// A daemon begins: what an earlier one has left is found, and put in order.
//
// - `restore(containers)`: records and processes agree again; what no record explains goes
// - `resume(containers)`: starts what its policy wants to run, once the networks are there
//
//     the record says   there is                   then it
//     running           its keeper                 runs: streams, log and exit code are kept
//     running           only how it ended          has ended so
//     running           nothing: a power cut       has ended with 255, as Docker has it
//     removing          whatever                   is removed
//
// Each container is looked after for itself: one that cannot be put in order is named to the log.

import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { readExit } from '@slipway/native';
import type { Containers } from '../core/containers.ts';
import { formatTime } from '../core/moments.ts';
import { exitCodeOf } from '../exec/launch.ts';
import type { ContainerId, ContainerRecord } from '../record/record.ts';
import { isAlive, never } from '../record/state.ts';
import { removeNow } from '../verbs/remove.ts';
import { readConfig } from './config-file.ts';
import { watchEnd } from './end.ts';
import { watchHealth } from './health.ts';
import { startAgain, startContainer } from './start.ts';

/** How a container has ended of which nothing is left. */
const lostExitCode = 255;

export async function restore(containers: Containers): Promise<void> {
  const records = [...containers.all()];
  await Promise.all(
    records.map(record => guarded(containers, record.id, () => one(containers, record))),
  );
  await sweep(containers);
}

async function guarded(
  containers: Containers,
  id: ContainerId,
  work: () => Promise<void>,
): Promise<void> {
  try {
    await containers.live(id).queue.run(work);
  } catch (error) {
    containers.needs.warn(`container ${id} could not be put in order: ${String(error)}`);
  }
}

async function one(containers: Containers, record: ContainerRecord): Promise<void> {
  const { id, state, hostConfig } = record;
  if (isAlive(state)) await findRunning(containers, record);
  if (state.status === 'removing') {
    containers.change(id, { kind: 'removeFailed', error: 'the daemon has ended' });
    await removeNow(containers, id, { withVolumes: false });
  }
  const now = containers.store.get(id);
  const isOver = now !== undefined && !isAlive(now.state) && now.state.startedAt !== never;
  if (isOver && hostConfig.AutoRemove) await removeNow(containers, id, { withVolumes: true });
}

async function findRunning(containers: Containers, { id, state }: ContainerRecord): Promise<void> {
  const folder = containers.execFolderOf(id);
  const spec = await readConfig(folder);
  const running = spec && (await containers.needs.driver.restore({ id, folder, spec }));
  if (running === undefined) return hasEnded(containers, id);
  containers.live(id).running = running;
  if (running.pid !== 0 && running.pid !== state.pid) {
    const record = containers.get(id);
    containers.save({ ...record, state: { ...record.state, pid: running.pid } });
  }
  watchEnd(containers, id, again => startAgain(containers, again));
  watchHealth(containers, id);
}

/** While nobody looked: its keeper has written down how, unless it was killed, too. */
async function hasEnded(containers: Containers, id: ContainerId): Promise<void> {
  const folder = containers.execFolderOf(id);
  const ending = await readExit(folder);
  containers.needs.networks.release({ id });
  await rm(folder, { recursive: true, force: true });
  const exit =
    ending === undefined
      ? { exitCode: lostExitCode, finishedAt: containers.timeNow(), error: 'it is gone' }
      : { exitCode: exitCodeOf(ending.status), finishedAt: formatTime(ending.finishedAtNs) };
  const record = containers.change(id, { kind: 'exit', oomKilled: false, ...exit });
  containers.tell(record, 'die', { exitCode: String(exit.exitCode) });
}

/** Folders, and processes, of containers that there are not. */
async function sweep(containers: Containers): Promise<void> {
  const { folder, execFolder } = containers.settings;
  for (const place of [execFolder, folder]) {
    for (const name of await readdir(place).catch(() => [])) {
      if (!/^[0-9a-f]{64}$/.test(name) || containers.store.has(name)) continue;
      if (place === execFolder) await endUnknown(containers, name, join(place, name));
      await rm(join(place, name), { recursive: true, force: true });
    }
  }
}

async function endUnknown(containers: Containers, id: string, folder: string): Promise<void> {
  const spec = await readConfig(folder);
  const running = spec && (await containers.needs.driver.restore({ id, folder, spec }));
  if (running === undefined) return;
  containers.needs.warn(`container ${id} runs, and no record explains it: it is ended`);
  await running.kill(9);
  await running.ended.catch(() => undefined);
  await running.release();
}

export async function resume(containers: Containers): Promise<void> {
  const wanted = [...containers.all()].filter(wantsToRun);
  await Promise.all(
    wanted.map(({ id }) => guarded(containers, id, () => startContainer(containers, id, 'policy'))),
  );
}

function wantsToRun({ state, stoppedByHand, hostConfig }: ContainerRecord): boolean {
  if (isAlive(state) || state.startedAt === never) return false;
  const { Name, MaximumRetryCount } = hostConfig.RestartPolicy;
  switch (Name) {
    case 'always':
      return true;
    case 'unless-stopped':
      return !stoppedByHand;
    case 'on-failure':
      return state.exitCode !== 0 && !stoppedByHand && MaximumRetryCount === 0;
    default:
      return state.status === 'restarting';
  }
}
