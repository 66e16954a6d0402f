// This chapter's run.ts as a command that the reader can type, and the lab can run.
//
// - `run`: its words
// - `packed(lab, ...programs)`: a scratch root with these programs, made by `run pack`
// - `background(lab, root)`: a container that stays, and its pid on the host

import { setTimeout as sleep } from 'node:timers/promises';
import { relative } from 'node:path';
import { findByCommandLine } from '@slipway/lab/checkpoint.ts';
import type { Lab } from '@slipway/lab';
import { cloneTree, spawn, type Child } from '@slipway/native';
import { containerRequest } from '@slipway/namespaces';
import { withRoot } from '../root/rootfs.ts';

/** As it is typed from the folder that the lab runs in. */
export const run: readonly string[] = [
  'npx',
  'tsx',
  relative(process.cwd(), `${import.meta.dirname}/../run.ts`) || 'run.ts',
];

/** A folder that holds these programs and what they need. */
export async function packed(
  lab: Lab,
  ...programs: readonly string[]
): Promise<string> {
  const folder = `${await lab.scratch()}/root`;
  await lab.shell`${run} pack ${folder} ${programs} | wc -l`;
  return folder;
}

/** A container with this root that sleeps until the experiment ends. */
export async function background(lab: Lab, root: string): Promise<Child> {
  const tree = lab.hold(cloneTree(root, false));
  const argv = ['busybox', 'sleep', String(100_000 + process.pid)];
  const plain = containerRequest({
    namespaces: ['mount', 'pid', 'ipc', 'uts', 'net'],
    argv,
    env: ['PATH=/bin'],
  });
  const request = withRoot(plain, { descriptor: tree.descriptor, readOnly: false });
  const child = await spawn({ ...request, stdio: ['null', 'null', 'null'] });
  lab.hold(child);
  for (
    let tries = 0;
    findByCommandLine(argv) === undefined && tries < 200;
    tries += 1
  ) {
    await sleep(10);
  }
  return child;
}
