// Checkpoints about PID 1: what it owes to the others inside.
//
// - `firstProcessCheckpoints`: alone, with --init, and what /proc tells them all
//
// Source: pid_namespaces(7).

import { setTimeout as sleep } from 'node:timers/promises';
import {
  read,
  status,
  unless,
  type Checkpoint,
  type Subject,
} from '@slipway/lab/checkpoint.ts';
import { ranWell, runScript, withContainer } from './evidence.ts';

export const firstProcessCheckpoints: readonly Checkpoint[] = [
  {
    id: 'alone',
    sentence: 'an application that is PID 1 does not notice SIGTERM',
    needs: ['root', 'tool:busybox'],
    examine: alone,
  },
  {
    id: 'signals',
    sentence: 'with --init PID 1 passes SIGTERM on to the application',
    needs: ['root', 'tool:busybox'],
    examine: signals,
  },
  {
    id: 'zombies',
    sentence: 'with --init nobody stays a zombie',
    needs: ['root', 'tool:busybox'],
    examine: zombies,
  },
  {
    id: 'proc-view',
    sentence: '/proc tells the application of its own limits',
    needs: ['root', 'tool:busybox', 'cgroup:memory'],
    examine: procView,
  },
];

const own = ['--pid', '--mount'];

async function alone(subject: Subject): Promise<void> {
  await withContainer(subject, own, async ({ application }) => {
    const numbers = status(application, 'NSpid');
    unless(
      numbers.at(-1) === '1',
      'not-first',
      `without --init the application is process ${numbers.at(-1)}, not 1\n` +
        'nobody asked for a process in front of it.',
    );
    process.kill(application, 'SIGTERM');
    await sleep(300);
    unless(
      alive(application),
      'died-of-sigterm',
      'SIGTERM ended PID 1, which has no handler for it: is it PID 1 at all?',
    );
  });
}

async function signals(subject: Subject): Promise<void> {
  await withContainer(subject, [...own, '--init'], async ({ application }) => {
    const numbers = status(application, 'NSpid');
    unless(
      numbers.at(-1) !== '1',
      'no-init',
      'with --init the application still is PID 1\n' +
        'PID 1 has to stay, and its child becomes the application.',
    );
    const parent = Number(status(application, 'PPid')[0]);
    process.kill(parent, 'SIGTERM');
    for (let tries = 0; tries < 200 && alive(application); tries += 1) await sleep(10);
    unless(
      !alive(application),
      'signal-swallowed',
      'PID 1 got SIGTERM, and the application knows nothing of it\n' +
        'a signal for the container is sent to PID 1: it has to pass it on.',
    );
  });
}

/** A shell makes an orphan; then the application is one that waits for nobody. */
async function zombies(subject: Subject): Promise<void> {
  const script = [
    'busybox sh -c "busybox sleep 0.2 &"',
    '(busybox sleep 1; busybox grep -h "^State:" /proc/[0-9]*/status) &',
    'exec busybox sleep 2',
  ].join('\n');
  const options = [...own, '--init'];
  const result = await runScript(subject, options, script);
  ranWell(result, 'a script with an orphan');
  unless(
    !/zombie/.test(result.stdout),
    'zombie-left',
    'an orphan has ended, and nobody has asked how: it stays as a zombie\n' +
      'orphans become children of PID 1. It has to wait for whoever ends, not for ' +
      'the application alone.',
  );
}

async function procView(subject: Subject): Promise<void> {
  const options = [...own, '--memory', '64m', '--cpus', '0.5'];
  const result = await runScript(
    subject,
    options,
    'busybox grep MemTotal /proc/meminfo\nbusybox grep -c ^processor /proc/cpuinfo',
  );
  ranWell(result, 'a look at /proc');
  const [total = '', processors] = result.stdout.trim().split('\n');
  unless(
    /\b65536 kB$/.test(total) && processors === '1',
    'host-shown',
    `in 64 MiB and half a processor /proc shows ${total}, ${processors} processors\n` +
      '/proc does not know of groups: something has to be mounted over its files.',
  );
}

function alive(pid: number): boolean {
  try {
    return !read(pid, 'status').includes('\nState:\tZ');
  } catch {
    return false;
  }
}
