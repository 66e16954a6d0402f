/** Who dies when, and what is left: nothing. */
import { spawn as start, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { expect } from 'vitest';
import { check } from '@slipway/lab/check.ts';
import { whenReadable } from '../../binding.ts';
import { collect, shell, sleeper } from '../../process/collect.ts';
import { openPidfd } from '../../index.ts';
import { step } from '../../program/program.ts';
import { spawn } from '../../process/spawn.ts';

const needs = ['root', 'native', 'tool:busybox'] as const;
const quiet = ['null', 'null', 'null'] as const;

/** A Node that has started a container as orphan.fixture.ts says, and the container's pid. */
async function startParent(how: string): Promise<{ parent: ChildProcess; pid: number }> {
  const script = `${import.meta.dirname}/orphan.fixture.ts`;
  const parent = start(process.execPath, [script, how], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await once(createInterface({ input: parent.stdout }), 'line');
  return { parent, pid: Number(line) };
}

for (const how of ['running', 'barrier', 'forked', 'changed-ids', 'user', 'init']) {
  check(`killing the parent kills the container (${how})`, { needs }, async () => {
    const { parent, pid } = await startParent(how);
    using held = openPidfd(pid);
    parent.kill('SIGKILL');
    // No time is asserted: without the kernel's help this would wait for ever.
    await whenReadable(held.descriptor);
  });
}

check('without dieWithParent the container lives on', { needs }, async () => {
  const { parent, pid } = await startParent('outliving');
  using held = openPidfd(pid);
  parent.kill('SIGKILL');
  await once(parent, 'exit');
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  process.kill(pid, 'SIGKILL');
  await whenReadable(held.descriptor);
  expect(status).toMatch(/^State:\s+[SR]/m);
});

check('an init that is killed at a barrier is an error, and no zombie', { needs }, async () => {
  let pid = 0;
  const started = spawn({
    namespaces: ['pid'],
    program: [step.barrier('here'), sleeper],
    stdio: quiet,
    onBarrier: async (_, child) => {
      ({ pid } = child);
      child.kill('SIGKILL');
      expect(await child.wait()).toEqual({ signal: 'SIGKILL' });
    },
  });
  await expect(started).rejects.toThrow(
    'slipway-init ended before its application began ({"signal":"SIGKILL"})',
  );
  expect(() => readFileSync(`/proc/${pid}/status`)).toThrow(/ENOENT/);
});

check(
  'two hundred starts, good and bad, leave no process and no descriptor',
  { needs },
  async () => {
    await variousStarts(5);
    const before = await possessions();
    for (let round = 0; round < 20; round++) await variousStarts(10);
    expect(await possessions()).toEqual(before);
  },
);

async function variousStarts(count: number): Promise<void> {
  const pipes = ['pipe', 'pipe', 'pipe'] as const;
  const failing = [
    spawn({ program: [step.changeDirectory('/no/such'), sleeper], stdio: pipes }),
    spawn({ program: [step.exec(['/no/such'], [])], stdio: pipes, namespaces: ['pid', 'net'] }),
    spawn({ program: [step.barrier('x'), sleeper], stdio: pipes }),
    spawn({ program: [sleeper], stdio: ['pipe', 'pipe', 999] }),
    spawn({ program: [sleeper], stdio: pipes, cgroups: ['/no/such'] }),
    spawn({ program: [step.fork(['pid']), step.exec(['/no/such'], [])], stdio: pipes }),
  ];
  const results = await Promise.allSettled(failing);
  expect(results.map(({ status }) => status)).toEqual(failing.map(() => 'rejected'));
  for (let index = failing.length; index < count; index++) {
    const kinds = index % 2 === 0 ? (['pid', 'mount'] as const) : [];
    await using child = await spawn({ namespaces: kinds, program: [shell('true')], stdio: pipes });
    await child.wait();
  }
}

/** Our open descriptors, by what they lead to, and our children. */
async function possessions(): Promise<readonly string[]> {
  // Node closes its streams in the next turns of its loop.
  await new Promise(resolve => setTimeout(resolve, 100));
  const folder = '/proc/self/fd';
  const open = readdirSync(folder).flatMap(number => {
    try {
      return [readlinkSync(`${folder}/${number}`).replace(/\d+/g, 'N')];
    } catch {
      return [];
    }
  });
  const tasks = readdirSync('/proc/self/task');
  const children = tasks.flatMap(task =>
    readFileSync(`/proc/self/task/${task}/children`, 'utf8').trim().split(' '),
  );
  return [...open.toSorted(), ...children];
}

check("Node's own children and ours do not take each other's status", { needs }, async () => {
  const theirs = Array.from({ length: 20 }, (_, code) => start('sh', ['-c', `exit ${code}`]));
  const endings = theirs.map(child => once(child, 'exit'));
  const ours = Array.from({ length: 20 }, (_, code) =>
    collect({ program: [shell(`exit ${100 + code}`)] }),
  );
  const statuses = (await Promise.all(ours)).map(({ status }) => status);
  expect(statuses).toEqual(Array.from({ length: 20 }, (_, code) => ({ code: 100 + code })));
  const codes = (await Promise.all(endings)).map(([code]) => code as number);
  expect(codes).toEqual(Array.from({ length: 20 }, (_, code) => code));
});

check('when PID 1 ends, everything inside ends with it', { needs }, async () => {
  await using child = await spawn({
    namespaces: ['pid'],
    program: [shell('sleep 1000 & echo started; exec sleep 1000')],
    stdio: ['null', 'pipe', 'null'],
  });
  const { stdout } = child;
  if (stdout === undefined) throw new Error('no pipe');
  await once(stdout, 'data');
  child.kill('SIGKILL');
  // Both held the pipe: its end means that the second sleep is gone, too.
  await once(stdout, 'end');
});
