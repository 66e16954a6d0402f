// Checkpoints about views: each kind by itself, and nothing changed for anybody else.
//
// The views are compared by the inodes of /proc/PID/ns, before and while a container
// runs: its own must differ where that was asked for, those of the host and of the
// starter nowhere.

import { execFileSync } from 'node:child_process';
import {
  mountsOf,
  namespaceOf,
  startSubject,
  unless,
  type Checkpoint,
  type Subject,
} from '@slipway/lab/checkpoint.ts';
import { kinds } from '../container/namespaces.ts';

export const viewCheckpoints: readonly Checkpoint[] = [
  {
    id: 'only-what-was-asked',
    sentence: 'each option changes its own view and no other',
    needs: ['root', 'tool:busybox'],
    examine: onlyWhatWasAsked,
  },
  {
    id: 'mounts-stay-inside',
    sentence: 'what is mounted inside is not mounted on the host',
    needs: ['root', 'tool:busybox'],
    examine: mountsStayInside,
  },
  {
    id: 'hostname-stays-inside',
    sentence: 'the host name changes inside and nowhere else',
    needs: ['root', 'tool:busybox', 'tool:nsenter'],
    examine: hostnameStaysInside,
  },
  {
    id: 'parent-stays',
    sentence: 'the program that starts a container stays where it is',
    needs: ['root', 'tool:busybox'],
    examine: parentStays,
  },
];

async function onlyWhatWasAsked(subject: Subject): Promise<void> {
  // The other kinds have checkpoints of their own.
  for (const asked of ['uts', 'ipc', 'net', 'cgroup']) {
    await using running = await startSubject(subject, [`--${asked}`]);
    const { pid, application } = running;
    for (const { kind, link } of kinds) {
      const differs = namespaceOf(application, link) !== namespaceOf(pid, link);
      unless(
        differs || kind !== asked,
        'missing-kind',
        `--${asked} was asked for, and /proc/${application}/ns/${link} is the ` +
          `host's\n` +
          'does the flag of this kind reach clone or unshare?',
      );
      unless(
        !differs || kind === asked,
        'extra-kind',
        `only --${asked} was asked for, and the ${kind} namespace is another one ` +
          'too\n' +
          'a view that nobody asked for hides what the user wants to see.',
      );
    }
  }
}

async function mountsStayInside(subject: Subject): Promise<void> {
  await using running = await startSubject(subject, ['--pid', '--mount']);
  const { pid, application } = running;
  unless(
    namespaceOf(application, 'mnt') !== namespaceOf(pid, 'mnt'),
    'no-mount-namespace',
    'the application has the table of mounts of the host\n' +
      'is CLONE_NEWNS among the flags? It was the first kind, hence the odd name.',
  );
  const before = procMounts('self');
  const now = procMounts(pid);
  unless(
    now === before,
    'mounts-leak',
    `the container's /proc is mounted on the host as well (${now} instead of ` +
      `${before})\n` +
      'a new mount namespace is a copy, and on most systems each mount is still the ' +
      'peer of its original: what is mounted here is mounted there. ' +
      'MS_REC|MS_PRIVATE ' +
      'on / before the first mount cuts them off.',
  );
}

function procMounts(pid: number | 'self'): number {
  const mounts = mountsOf(pid);
  return mounts.filter(({ target, type }) => target === '/proc' && type === 'proc')
    .length;
}

async function hostnameStaysInside(subject: Subject): Promise<void> {
  const name = `yard-${process.pid}`;
  await using running = await startSubject(subject, ['--uts', '--hostname', name]);
  const outside = hostnameOf(running.pid);
  unless(
    outside !== name,
    'renamed-host',
    `the host is called ${name} now\n` +
      'sethostname names the UTS namespace that the caller is in: be in a new one ' +
      'first.',
  );
  const inside = hostnameOf(running.application);
  unless(
    inside === name,
    'name-not-set',
    `inside, the host name is ${inside}, not ${name}\n` +
      'a new UTS namespace starts with a copy of the names: call sethostname in it.',
  );
}

function hostnameOf(pid: number): string {
  const args = ['--uts', '--target', String(pid), 'hostname'];
  return execFileSync('nsenter', args, { encoding: 'utf8' }).trim();
}

async function parentStays(subject: Subject): Promise<void> {
  const options = ['--pid', '--ipc', '--net'];
  await using running = await startSubject(subject, options);
  // Mount and UTS namespace are those of the stand-in, which we are not in.
  for (const link of ['ipc', 'net', 'user', 'cgroup', 'pid_for_children']) {
    unless(
      namespaceOf(running.pid, link) === namespaceOf('self', link),
      'unshared-parent',
      `the program that starts the container has moved itself: its ns/${link} is ` +
        'new\n' +
        'unshare works on the caller. Whoever starts a second container from there ' +
        'starts it inside the first; and a program with threads tears itself apart. ' +
        'Make the namespaces with the child (clone), or unshare in the child.',
    );
  }
}
