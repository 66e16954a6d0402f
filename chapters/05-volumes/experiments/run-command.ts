// This chapter's run.ts as a command that the reader can type, and containers that
// stay.
//
// - `run`: its words
// - `prepare(lab)`: a busybox root and a folder `home` with a letter in it
// - `start(lab, root, options)`: a container with volumes that stays until the end
// - `volumesRoot(lab)`: named volumes and images of this experiment alone
// - `waitFor(words)`: the pid of a process that is being started

import { mkdirSync, writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Lab } from '@slipway/lab';
import { findByCommandLine } from '@slipway/lab/checkpoint.ts';
import { containerRequest } from '@slipway/namespaces';
import { cloneTree, spawn, step, type Child } from '@slipway/native';
import { busyboxTree, withRoot, writeTree } from '@slipway/rootfs';
import { openMounts } from '../mounts/open-mounts.ts';
import { withVolumes } from '../mounts/with-volumes.ts';
import { ownVolumes } from '../runtime/volume-options.ts';
import { arrange } from '../wish/arrange.ts';
import { parseDashV } from '../wish/dash-v.ts';

/** As it is typed from the folder that the lab runs in. */
export const run: readonly string[] = [
  'npx',
  'tsx',
  relative(process.cwd(), `${import.meta.dirname}/../run.ts`) || 'run.ts',
];

export interface Prepared {
  readonly folder: string;
  readonly root: string;
  /** A folder of the host, with the file `letter`. */
  readonly home: string;
}

export async function prepare(lab: Lab): Promise<Prepared> {
  const folder = await lab.scratch();
  const [root, home] = [`${folder}/root`, `${folder}/home`];
  writeTree(busyboxTree(), root);
  mkdirSync(home);
  writeFileSync(`${home}/letter`, 'from the host\n');
  return { folder, root, home };
}

/** Named volumes of the experiment alone, for this process and for what it runs. */
export async function volumesRoot(lab: Lab): Promise<string> {
  const before = process.env['SLIPWAY_STATE'];
  const folder = await lab.scratch();
  lab.hold({
    [Symbol.dispose]: () => {
      if (before === undefined) delete process.env['SLIPWAY_STATE'];
      else process.env['SLIPWAY_STATE'] = before;
    },
  });
  process.env['SLIPWAY_STATE'] = folder;
  return `${folder}/volumes`;
}

export interface StartOptions {
  /** As behind -v. */
  readonly volumes: readonly string[];
  readonly argv?: readonly string[];
  /** Called when all is mounted and the host not yet out of sight. */
  readonly beforePivot?: (child: Child) => void;
}

/** A container in `root`; the caller's to dispose of. */
export async function start(root: string, options: StartOptions): Promise<Child> {
  using tree = cloneTree(root, false);
  const requests = arrange(options.volumes.map(text => parseDashV(text, '/')));
  const where = { volumes: ownVolumes(), root: tree.descriptor };
  using opened = await openMounts(requests, where);
  const plain = containerRequest({
    namespaces: ['mount', 'pid', 'ipc', 'uts', 'net'],
    argv: options.argv ?? ['sleep', String(100_000 + process.pid)],
    env: ['PATH=/bin:/usr/bin'],
  });
  const rooted = withRoot(plain, { descriptor: tree.descriptor, readOnly: false });
  const request = withVolumes(rooted, opened.mounts);
  const at = request.program.findIndex(({ call }) => call === 'pivotRoot');
  const { beforePivot } = options;
  return await spawn({
    ...request,
    stdio: ['null', 'null', 'null'],
    ...(beforePivot && {
      program: request.program.toSpliced(at, 0, step.barrier('all is mounted')),
      onBarrier: (_, child) => beforePivot(child),
    }),
  });
}

export async function waitFor(words: readonly string[]): Promise<number> {
  for (let tries = 0; tries < 1000; tries += 1) {
    const pid = findByCommandLine(words);
    if (pid !== undefined) return pid;
    await sleep(20);
  }
  throw new Error(`${words.join(' ')} was never started`);
}
