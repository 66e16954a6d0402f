// An ordinary user's containers: does what its argument says, and tells the result as JSON.

import { writeFileSync } from 'node:fs';
import type { Child } from '../../process/child.ts';
import { collect, finish, path, shell } from '../../process/collect.ts';
import { enter } from '../../process/enter.ts';
import { namespaceKinds, step } from '../../program/program.ts';
import { spawn } from '../../process/spawn.ts';

/** The only map that a user may write: his own id, as root inside. */
function mapSelf(_: string, child: Child): void {
  writeFileSync(`/proc/${child.pid}/setgroups`, 'deny');
  writeFileSync(`/proc/${child.pid}/uid_map`, `0 ${process.geteuid?.()} 1`);
  writeFileSync(`/proc/${child.pid}/gid_map`, `0 ${process.getegid?.()} 1`);
}

const becomeRoot = [step.barrier('id-maps'), step.setIds(0, 0)];
const own = [step.setPropagation('private'), step.mountProc(), step.setHostname('box')];

async function all(): Promise<unknown> {
  const result = await collect({
    namespaces: namespaceKinds,
    program: [...becomeRoot, ...own, shell('echo $(id -u) $$ $(hostname) $(cat /proc/1/comm)')],
    onBarrier: mapSelf,
  });
  return { ...result, outside: process.geteuid?.() };
}

async function entered(): Promise<unknown> {
  const namespaces = ['user', 'uts', 'pid'] as const;
  await using first = await spawn({
    namespaces,
    program: [...becomeRoot, step.setHostname('box'), step.exec(['busybox', 'sleep', '9'], [path])],
    onBarrier: mapSelf,
    stdio: ['null', 'null', 'null'],
  });
  const target = { pidfd: first.pidfd, namespaces };
  const program = [shell('echo $(id -u) $(hostname)')];
  // Awaited here: with the end of this function the first container ends.
  return await finish(await enter({ target, program, stdio: ['null', 'pipe', 'pipe'] }));
}

const actions: Readonly<Record<string, () => Promise<unknown>>> = {
  all,
  enter: entered,
  'no-user': () => collect({ namespaces: ['pid'], program: [shell('true')] }),
  groups: () =>
    collect({
      namespaces: ['user'],
      program: [step.barrier('id-maps'), step.setIds(0, 0, []), shell('true')],
      onBarrier: mapSelf,
    }),
};

const action = actions[process.argv[2] ?? ''];
if (action === undefined) throw new Error('which of all, enter, no-user, groups?');
const result = await action().catch((error: unknown) => ({
  message: error instanceof Error ? error.message : String(error),
}));
console.log(JSON.stringify(result));
