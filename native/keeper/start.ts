// Where a keeper comes from.
//
// - `startKeeper(place)`: a new one, as a child of ours that does not die with us
// - `prepareKeeper(cgroups)`: one that has no place yet, and waits
// - `connectKeeper(folder)`: the one that a former daemon has started
// - `readExit(folder)`: how the main child ended, if its keeper has written it
//
// A keeper is slipway-init whose program has the one step `keep`: it starts like any child, and
// hears of its folder by its first order.

import { readFile } from 'node:fs/promises';
import { native, call } from '../binding.ts';
import { step } from '../program/program.ts';
import type { Child } from '../process/child.ts';
import { spawn } from '../process/spawn.ts';
import type { ConnectKeeper, Ending, StartKeeper, WaitingKeeper } from './keeper.ts';
import { connectTo, KeptBy } from './kept-by.ts';
import { endingOf } from './kept.ts';
import type { EndedEvent } from './protocol/messages.ts';

export const startKeeper: StartKeeper = async ({ folder, cgroups }) => {
  const keeper = await prepareKeeper(cgroups);
  try {
    await keeper.place(folder);
    return keeper;
  } catch (error) {
    await keeper.bye();
    throw error;
  }
};

/** @param cgroups control groups for the keeper itself; default: the caller's */
export async function prepareKeeper(cgroups: readonly string[] = []): Promise<WaitingKeeper> {
  const [ours = -1, theirs = -1] = call(() => native().socketPair(false));
  try {
    const child = await start(cgroups, theirs).catch((error: unknown) => {
      native().close(ours);
      throw error;
    });
    // It ends by itself; then it is reaped, and the pidfd closed.
    const reap = async (): Promise<void> => {
      await child.wait();
      await child[Symbol.asyncDispose]();
    };
    const keeper = await new KeptBy('', ours, reap).ready();
    if (keeper !== undefined) return keeper;
  } finally {
    native().close(theirs);
  }
  throw new Error('a keeper has ended at once');
}

function start(cgroups: readonly string[], connection: number): Promise<Child> {
  return spawn({
    program: [step.keep(0)],
    descriptors: [connection],
    stdio: ['null', 'null', 'null'],
    cgroups,
    dieWithParent: false,
  });
}

export const connectKeeper: ConnectKeeper = async folder => {
  const found = connectTo(folder);
  if (found === undefined) return undefined;
  return new KeptBy(folder, found, () => Promise.resolve()).ready();
};

/** How the main child in `folder` ended, as its keeper has written it; undefined if it has not. */
export async function readExit(folder: string): Promise<Ending | undefined> {
  try {
    const event: EndedEvent = JSON.parse(await readFile(`${folder}/exit`, 'utf8'));
    return endingOf(event);
  } catch {
    // Not written, or not in whole: the next best truth is that it has ended.
    return undefined;
  }
}
