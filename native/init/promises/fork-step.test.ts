/** The step that hands the program over to a child: for pid and time namespaces. */
import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { check } from '@slipway/lab/check.ts';
import type { ExitStatus } from '../../process/child.ts';
import { collect, namespacesOf, shell, sleeper } from '../../process/collect.ts';
import { step } from '../../program/program.ts';
import { spawn } from '../../process/spawn.ts';

const needs = ['root', 'native', 'tool:busybox', 'namespace:time'] as const;
const quiet = ['null', 'null', 'null'] as const;
const year = 365 * 86_400;

check(
  'the child of the fork is the container: ours to wait for and to kill',
  { needs },
  async () => {
    const program = [step.unshare(['pid']), step.fork(), sleeper];
    await using child = await spawn({ program, stdio: quiet });
    const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
    expect(status).toMatch(new RegExp(`^PPid:\\s+${process.pid}$`, 'm'));
    expect(status).toMatch(new RegExp(`^NSpid:\\s+${child.pid}\\s+1$`, 'm'));
    child.kill('SIGKILL');
    expect(await child.wait()).toEqual({ signal: 'SIGKILL' });
  },
);

check('the process that forked is gone when spawn resolves', { needs }, async () => {
  const before = childrenOfOurs();
  const program = [step.fork(['pid', 'uts']), step.setHostname('box'), sleeper];
  await using child = await spawn({ program, stdio: quiet });
  expect(childrenOfOurs().filter(pid => !before.includes(pid))).toEqual([child.pid]);
});

check(
  'who waits since before the fork is told of the process that went on',
  { needs },
  async () => {
    const answers: Promise<ExitStatus>[] = [];
    const { status } = await collect({
      program: [step.barrier('early'), step.fork(['pid']), shell('exit 5')],
      onBarrier: (_, child) => {
        answers.push(child.wait());
      },
    });
    expect([status, ...(await Promise.all(answers))]).toEqual([{ code: 5 }, { code: 5 }]);
  },
);

check('a barrier behind the fork speaks of the new process', { needs }, async () => {
  const pids: number[] = [];
  await using child = await spawn({
    program: [step.barrier('old'), step.fork(['pid']), step.barrier('new'), sleeper],
    stdio: quiet,
    onBarrier: (_, { pid }) => {
      pids.push(pid);
    },
  });
  expect(pids[0]).not.toBe(child.pid);
  expect(pids[1]).toBe(child.pid);
});

check('a time namespace shifts the clocks that uptime reads', { needs }, async () => {
  const { stdout, timings } = await collect({
    program: [
      step.unshare(['time']),
      step.setTimeOffsets({ monotonicSeconds: year, boottimeSeconds: year }),
      step.fork(),
      shell('cat /proc/uptime'),
    ],
  });
  const shift = Number.parseFloat(stdout) - Number.parseFloat(readFileSync('/proc/uptime', 'utf8'));
  expect(Math.round(shift / 10)).toBe(year / 10);
  // The steps are timed by a clock that did not jump with the others.
  expect(timings.every(({ microseconds }) => microseconds < 60e6)).toBe(true);
});

check('one namespace of each kind can be left to the fork', { needs }, async () => {
  const program = [step.unshare(['time']), step.fork(['pid', 'net', 'ipc']), sleeper];
  await using child = await spawn({ program, stdio: quiet });
  const [inside, ours] = [namespacesOf(child.pid), namespacesOf('self')];
  const changed = Object.keys(ours).filter(kind => kindIn(inside, kind) !== kindIn(ours, kind));
  expect(changed).toEqual(['ipc', 'net', 'pid', 'time']);
});

check('what the rules say of a first process is what the kernel does', { needs }, async () => {
  // The rules would refuse it, so the kernel is asked through a process that has joined.
  await using first = await spawn({ namespaces: ['pid'], program: [sleeper], stdio: quiet });
  const joined = [step.setns(0, ['pid']), step.fork(), step.fork(), shell('echo in')];
  const { stdout } = await collect({ program: joined, descriptors: [first.pidfd] });
  expect(stdout).toBe('in\n');
});

check('a program of very many forks does not choke the channel', { needs }, async () => {
  const forks = Array.from({ length: 400 }, () => step.fork());
  const { stdout, timings } = await collect({ program: [...forks, shell('echo there')] });
  expect(stdout).toBe('there\n');
  expect(timings).toHaveLength(400);
});

check(
  'a program of very many steps is run whole, and timed at its beginning',
  { needs },
  async () => {
    const steps = Array.from({ length: 5000 }, () => step.changeDirectory('/'));
    const { stdout, timings } = await collect({ program: [...steps, shell('echo there')] });
    expect(stdout).toBe('there\n');
    expect(timings).toHaveLength(2048);
  },
);

function kindIn(namespaces: Readonly<Record<string, string>>, kind: string): string | undefined {
  return namespaces[kind];
}

function childrenOfOurs(): readonly number[] {
  return readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8')
    .trim()
    .split(' ')
    .map(Number);
}
