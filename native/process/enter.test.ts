/** A second process in the namespaces of a first one. */
import { execFileSync } from 'node:child_process';
import { readlinkSync } from 'node:fs';
import { expect } from 'vitest';
import { check } from '@slipway/lab/check.ts';
import { netnsThing, record, settle } from '@slipway/lab';
import { collect, finish, namespacesOf, path, shell, sleeper } from './collect.ts';
import { enter } from './enter.ts';
import { step, type Namespace } from '../program/program.ts';
import { spawn } from './spawn.ts';

const needs = ['root', 'native', 'tool:busybox'] as const;
const quiet = ['null', 'null', 'null'] as const;
const piped = ['null', 'pipe', 'pipe'] as const;
const dockers: readonly Namespace[] = ['cgroup', 'ipc', 'mount', 'net', 'pid', 'uts'];

check('by its pidfd all kinds are joined at once: the inodes agree', { needs }, async () => {
  await using first = await spawn({ namespaces: dockers, program: [sleeper], stdio: quiet });
  const target = { pidfd: first.pidfd, namespaces: dockers };
  await using second = await enter({ target, program: [sleeper], stdio: quiet });
  expect(namespacesOf(second.pid)).toEqual(namespacesOf(first.pid));
  expect(second.pid).not.toBe(first.pid);
});

check('who enters is no PID 1, and sees the first process', { needs }, async () => {
  const program = [step.setPropagation('private'), step.mountProc(), sleeper];
  await using first = await spawn({ namespaces: dockers, program, stdio: quiet });
  const target = { pidfd: first.pidfd, namespaces: dockers };
  const second = await enter({
    target,
    program: [shell('cat /proc/1/comm; echo $$')],
    stdio: piped,
  });
  const { stdout, status } = await finish(second);
  expect(stdout).toMatch(/^busybox\n([2-9]|\d\d+)\n$/);
  expect(status).toEqual({ code: 0 });
});

check('only the named kinds are joined', { needs }, async () => {
  await using first = await spawn({ namespaces: dockers, program: [sleeper], stdio: quiet });
  const target = { pidfd: first.pidfd, namespaces: ['uts', 'net'] as const };
  await using second = await enter({ target, program: [sleeper], stdio: quiet });
  const [ours, theirs] = [namespacesOf('self'), namespacesOf(first.pid)];
  expect(namespacesOf(second.pid)).toEqual({ ...ours, uts: theirs.uts, net: theirs.net });
});

check('a user namespace is joined before the others, and gives the rights', { needs }, async () => {
  const kinds = ['user', 'mount', 'uts'] as const;
  await using first = await spawn({ namespaces: kinds, program: [sleeper], stdio: quiet });
  const target = { pidfd: first.pidfd, namespaces: kinds };
  const program = [step.setHostname('box'), shell('hostname')];
  const second = await enter({ target, program, stdio: piped });
  expect((await finish(second)).stdout).toBe('box\n');
});

check(
  'a named network namespace is entered by its path',
  { needs: [...needs, 'tool:ip'] },
  async ({ hold }) => {
    const name = `slipway-${process.pid}`;
    const id = record(netnsThing(name));
    execFileSync('ip', ['netns', 'add', name]);
    hold({
      [Symbol.dispose]: () => {
        execFileSync('ip', ['netns', 'delete', name]);
        settle(id);
      },
    });
    const target = { paths: new Map<Namespace, string>([['net', `/run/netns/${name}`]]) };
    const second = await enter({
      target,
      program: [shell('readlink /proc/self/ns/net; ls /sys/class/net')],
      stdio: piped,
    });
    const { stdout } = await finish(second);
    const inode = execFileSync('stat', ['-Lc', '%i', `/run/netns/${name}`], { encoding: 'utf8' });
    expect(stdout.split('\n')[0]).toBe(`net:[${inode.trim()}]`);
    expect(stdout.split('\n')[0]).not.toBe(readlinkSync('/proc/self/ns/net'));
  },
);

check('several paths are joined one by one', { needs }, async () => {
  await using first = await spawn({ namespaces: dockers, program: [sleeper], stdio: quiet });
  const links: readonly [Namespace, string][] = [
    ['uts', 'uts'],
    ['pid', 'pid'],
    ['mount', 'mnt'],
  ];
  const paths = new Map(links.map(([kind, file]) => [kind, `/proc/${first.pid}/ns/${file}`]));
  await using second = await enter({ target: { paths }, program: [sleeper], stdio: quiet });
  const [inside, theirs] = [namespacesOf(second.pid), namespacesOf(first.pid)];
  expect([inside.uts, inside.pid, inside.mount]).toEqual([theirs.uts, theirs.pid, theirs.mount]);
});

check('a path that is no namespace is refused, and nothing is started', { needs }, async () => {
  const target = { paths: new Map<Namespace, string>([['net', '/etc/passwd']]) };
  const started = enter({ target, program: [step.exec(['true'], [path])], stdio: quiet });
  await expect(started).rejects.toThrow(
    'step 0 (setns): setns(descriptor 0, CLONE_NEWNET): EINVAL',
  );
  const missing = { paths: new Map<Namespace, string>([['net', '/run/netns/none']]) };
  await expect(
    enter({ target: missing, program: [step.exec(['true'], [path])], stdio: quiet }),
  ).rejects.toThrow('open("/run/netns/none", O_RDONLY|O_CLOEXEC): ENOENT');
});

check('a container that has ended cannot be entered', { needs }, async () => {
  await using first = await spawn({ namespaces: ['uts'], program: [sleeper], stdio: quiet });
  first.kill('SIGKILL');
  await first.wait();
  const target = { pidfd: first.pidfd, namespaces: ['uts'] as const };
  await expect(collectEntered(target)).rejects.toThrow('ESRCH: the process has ended');
});

function collectEntered(target: { pidfd: number; namespaces: readonly Namespace[] }) {
  const program = [step.setns(0, target.namespaces), shell('true')];
  return collect({ program, descriptors: [target.pidfd] });
}
