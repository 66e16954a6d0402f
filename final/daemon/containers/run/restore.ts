// A daemon begins: what an earlier one has left is found, and put in order.
//
// - `restore(containers)`: records and processes agree again; what no record explains goes
// - `resume(containers)`: starts what its policy wants to run, once the networks are there
//
//     the record says   there is                   then it
//     running           its keeper                 runs: streams, log and exit code are kept
//     running           only how it ended          has ended so
//     running           nothing: a power cut       has ended with 255, as Docker has it
//     not running       its keeper, its groups     what was begun is undone: nobody was told of it
//     removing          whatever                   is removed
//
// Each container is looked after for itself: one that cannot be put in order is named to the log,
// and nobody waits long for one whose keeper does not answer.

import { existsSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readExit } from '@slipway/native';
import type { Running } from '../../../execdriver/driver.ts';
import type { Containers } from '../core/containers.ts';
import { formatTime } from '../core/moments.ts';
import { exitCodeOf } from '../exec/launch.ts';
import type { ContainerId, ContainerRecord } from '../record/record.ts';
import { isAlive, never } from '../record/state.ts';
import { removeNow } from '../verbs/remove.ts';
import { bareSpec, readConfig, readRecord, specOf } from './config-file.ts';
import { watchEnd } from './end.ts';
import { watchHealth } from './health.ts';
import { startAgain, startContainer } from './start.ts';

/** Those that the database has lost, and that were running: as they were when they began. */
async function findLost(containers: Containers): Promise<void> {
  const { execFolder } = containers.settings;
  for (const name of await foldersIn(execFolder)) {
    if (containers.store.has(name)) continue;
    const record = await readRecord(join(execFolder, name));
    if (record?.id !== name || containers.store.isTaken(record.name)) continue;
    containers.needs.warn(`container ${name} was not in the database any more: it is again`);
    const startedAt = containers.timeNow();
    containers.save({ ...record, state: { ...record.state, status: 'running', startedAt } });
  }
}

async function foldersIn(place: string): Promise<readonly string[]> {
  const names = await readdir(place).catch(() => []);
  return names.filter(name => /^[0-9a-f]{64}$/.test(name));
}

/** Keepers answer in a millisecond; one that was stopped may never. */
const patienceMs = 5000;

/** How a container has ended of which nothing is left. */
const lostExitCode = 255;

export async function restore(containers: Containers): Promise<void> {
  await findLost(containers);
  const open = new Set<ContainerId>();
  const all = [...containers.all()].map(async record => {
    open.add(record.id);
    await guarded(containers, record.id, () => one(containers, record));
    open.delete(record.id);
  });
  await Promise.race([Promise.all(all), sleep(patienceMs)]);
  for (const id of open) containers.needs.warn(`the keeper of container ${id} does not answer`);
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
  else await undoStart(containers, id);
  if (state.status === 'removing') {
    containers.change(id, { kind: 'removeFailed', error: 'the daemon has ended' });
    await removeNow(containers, id, { withVolumes: record.removesVolumes === true });
  }
  const now = containers.store.get(id);
  const isOver = now !== undefined && !isAlive(now.state) && now.state.startedAt !== never;
  if (isOver && hostConfig.AutoRemove) await removeNow(containers, id, { withVolumes: true });
}

async function findRunning(containers: Containers, record: ContainerRecord): Promise<void> {
  const { id, state } = record;
  const running = await takeOver(containers, record);
  if (running === undefined) return hasEnded(containers, id);
  await setFreezing(running, state.status === 'paused');
  containers.live(id).running = running;
  if (running.pid !== 0 && running.pid !== state.pid) {
    const now = containers.get(id);
    containers.note({ ...now, state: { ...now.state, pid: running.pid } });
  }
  watchEnd(containers, id, again => startAgain(containers, again));
  watchHealth(containers, id);
}

async function takeOver(
  containers: Containers,
  record: ContainerRecord,
): Promise<Running | undefined> {
  const { id } = record;
  const folder = containers.execFolderOf(id);
  const read = await readConfig(folder);
  if (read === undefined && existsSync(folder)) {
    containers.needs.warn(`${folder}/config.json cannot be read: made again from the record`);
  }
  const spec = read ?? specOf(containers, record);
  try {
    return await containers.needs.driver.restore({ id, folder, spec });
  } catch (error) {
    containers.needs.warn(`container ${id} could not be taken over: ${String(error)}`);
    containers.needs.driver.abandon(record.state.pid);
    return undefined;
  }
}

/** The one who froze or thawed it was killed before it was written down. */
async function setFreezing(running: Running, isPaused: boolean): Promise<void> {
  if (running.pid === 0 || running.isPaused === isPaused) return;
  await (isPaused ? running.pause() : running.resume());
}

/** The folder of one that does not run is there only if somebody was killed who started it. */
async function undoStart(containers: Containers, id: ContainerId): Promise<void> {
  const folder = containers.execFolderOf(id);
  if (!existsSync(folder)) return;
  await endUnknown(containers, id, folder);
  containers.needs.networks.release({ id });
  await rm(folder, { recursive: true, force: true });
}

/** While nobody looked: its keeper has written down how, unless it was killed, too. */
async function hasEnded(containers: Containers, id: ContainerId): Promise<void> {
  const folder = containers.execFolderOf(id);
  const ending = await readExit(folder);
  containers.needs.networks.release({ id });
  const exit =
    ending === undefined
      ? { exitCode: lostExitCode, finishedAt: containers.timeNow(), error: 'it is gone' }
      : { exitCode: exitCodeOf(ending.status), finishedAt: formatTime(ending.finishedAtNs) };
  const record = containers.change(id, { kind: 'exit', oomKilled: false, ...exit });
  await rm(folder, { recursive: true, force: true });
  containers.tell(record, 'die', { exitCode: String(exit.exitCode) });
  containers.live(id).exits.tell({ exitCode: exit.exitCode });
}

/** Folders, and processes, of containers that there are not. */
async function sweep(containers: Containers): Promise<void> {
  const { folder, execFolder } = containers.settings;
  const known = containers.store.knownIds();
  for (const place of [execFolder, folder]) {
    if (place === folder && !containers.needs.database.isWhole) continue;
    for (const name of await foldersIn(place)) {
      if (place === folder ? known.has(name) : containers.store.has(name)) continue;
      if (place === execFolder) await endStray(containers, name, join(place, name));
      await rm(join(place, name), { recursive: true, force: true });
    }
  }
}

async function endStray(containers: Containers, id: string, folder: string): Promise<void> {
  const { warn } = containers.needs;
  try {
    if (!(await endUnknown(containers, id, folder))) return;
    warn(`container ${id} ran, and no record explained it: it was ended`);
  } catch (error) {
    warn(`${folder} is nothing that can be put in order: ${String(error)}`);
  }
}

/** Whether there was somebody to end. */
async function endUnknown(containers: Containers, id: string, folder: string): Promise<boolean> {
  const spec = (await readConfig(folder)) ?? bareSpec(containers.settings.cgroupParent, id);
  const running = await containers.needs.driver.restore({ id, folder, spec });
  if (running === undefined) return false;
  await running.kill(9);
  await running.ended.catch(() => undefined);
  await running.release();
  return true;
}

export async function resume(containers: Containers): Promise<void> {
  const wanted = [...containers.all()].filter(wantsToRun);
  await Promise.all(
    wanted.map(({ id }) => guarded(containers, id, () => startContainer(containers, id, 'policy'))),
  );
}

function wantsToRun({ state, stoppedByHand, hostConfig }: ContainerRecord): boolean {
  if (isAlive(state) || state.startedAt === never) return false;
  if (state.status === 'restarting') return true;
  const { Name, MaximumRetryCount } = hostConfig.RestartPolicy;
  switch (Name) {
    case 'always':
      return true;
    case 'unless-stopped':
      return !stoppedByHand;
    case 'on-failure':
      return state.exitCode !== 0 && !stoppedByHand && MaximumRetryCount === 0;
    default:
      return false;
  }
}
