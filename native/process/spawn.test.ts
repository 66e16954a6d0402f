/** What a started container is: its namespaces, its numbers, its end. */
import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { check } from '@slipway/lab/check.ts';
import { collect, namespacesOf, shell, sleeper } from './collect.ts';
import { namespaceKinds, step, type Namespace } from '../program/program.ts';
import { spawn } from './spawn.ts';

const needs = ['root', 'native', 'tool:busybox'] as const;
const quiet = ['null', 'null', 'null'] as const;

async function ownKinds(namespaces: readonly Namespace[]): Promise<readonly Namespace[]> {
  await using child = await spawn({ namespaces, program: [sleeper], stdio: quiet });
  const [inside, ours] = [namespacesOf(child.pid), namespacesOf('self')];
  return namespaceKinds.filter(kind => inside[kind] !== ours[kind]);
}

/** Before, an `execve` left its process in the old time namespace. */
const timeAtBirth = [...needs, 'namespace:time', 'kernel>=6.3'] as const;

for (const kind of namespaceKinds) {
  const wanted = kind === 'time' ? timeAtBirth : needs;
  check(`a ${kind} namespace is new, and no other is`, { needs: wanted }, async () => {
    expect(await ownKinds([kind])).toEqual([kind]);
  });
}

check('all eight namespaces are made at once', { needs: timeAtBirth }, async () => {
  expect(await ownKinds(namespaceKinds)).toEqual(namespaceKinds);
});

check('without namespaces the child shares every view of ours', { needs }, async () => {
  expect(await ownKinds([])).toEqual([]);
});

check('the pid is ours for it; inside it is 1', { needs }, async () => {
  await using child = await spawn({ namespaces: ['pid'], program: [sleeper], stdio: quiet });
  const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
  expect(/^NSpid:\s+(.+)$/m.exec(status)?.[1]?.split(/\s+/)).toEqual([`${child.pid}`, '1']);
  expect(/^PPid:\s+(\d+)$/m.exec(status)?.[1]).toBe(`${process.pid}`);
  const descriptor = readFileSync(`/proc/self/fdinfo/${child.pidfd}`, 'utf8');
  expect(descriptor).toContain(`Pid:\t${child.pid}\n`);
});

check('spawn resolves when the application runs, no sooner', { needs }, async () => {
  await using child = await spawn({ program: [sleeper], stdio: quiet });
  expect(readFileSync(`/proc/${child.pid}/comm`, 'utf8')).toBe('busybox\n');
});

check('each step but the last has its time', { needs }, async () => {
  const program = [step.setPropagation('private'), step.mountProc(), shell('true')];
  const { timings } = await collect({ namespaces: ['mount', 'pid'], program });
  expect(timings.map(({ call }) => call)).toEqual(['setPropagation', 'mountProc']);
  expect(timings.every(({ microseconds }) => microseconds > 0)).toBe(true);
});

for (const code of [0, 1, 127, 255]) {
  check(`an application that ends with ${code} is told so`, { needs }, async () => {
    const { status } = await collect({ program: [shell(`exit ${code}`)] });
    expect(status).toEqual({ code });
  });
}

check('an application that a signal ends is told so', { needs }, async () => {
  expect((await collect({ program: [shell('kill -TERM $$')] })).status).toEqual({
    signal: 'SIGTERM',
  });
  expect((await collect({ program: [shell('kill -KILL $$')] })).status).toEqual({
    signal: 'SIGKILL',
  });
});

check('a real-time signal has no name and is told as a shell does', { needs }, async () => {
  expect((await collect({ program: [shell('kill -40 $$')] })).status).toEqual({ code: 168 });
});

check('who waits twice, or late, gets the same answer', { needs }, async () => {
  await using child = await spawn({ program: [shell('exit 3')], stdio: quiet });
  const both = await Promise.all([child.wait(), child.wait()]);
  expect([...both, await child.wait()]).toEqual([{ code: 3 }, { code: 3 }, { code: 3 }]);
});

check('kill reaches the process, and says false once it has ended', { needs }, async () => {
  await using child = await spawn({ program: [sleeper], stdio: quiet });
  expect(child.kill('SIGSTOP')).toBe(true);
  expect(child.kill(9)).toBe(true);
  expect(await child.wait()).toEqual({ signal: 'SIGKILL' });
  expect(child.kill('SIGTERM')).toBe(false);
});

check('disposing kills, may be done twice, and closes the pidfd once', { needs }, async () => {
  const child = await spawn({ program: [sleeper], stdio: quiet });
  await Promise.all([child[Symbol.asyncDispose](), child[Symbol.asyncDispose]()]);
  expect(await child.wait()).toEqual({ signal: 'SIGKILL' });
  expect(child.kill('SIGTERM')).toBe(false);
  expect(() => readFileSync(`/proc/${child.pid}/status`)).toThrow(/ENOENT/);
});

check('fifty containers at once are fifty containers', { needs }, async () => {
  const started = Array.from({ length: 50 }, (_, index) =>
    collect({
      namespaces: ['pid', 'uts', 'mount'],
      program: [step.setHostname(`box-${index}`), shell('echo $$ $(hostname)')],
    }),
  );
  const lines = (await Promise.all(started)).map(({ stdout }) => stdout);
  expect(lines).toEqual(Array.from({ length: 50 }, (_, index) => `1 box-${index}\n`));
});
