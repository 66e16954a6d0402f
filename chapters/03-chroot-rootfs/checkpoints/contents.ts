// Checkpoints about what stands in a root: /dev, /proc, and what of them is hidden.
// The evidence is read through /proc/PID/root, from the host: the container has no say
// in it.

import {
  existsSync,
  openSync,
  closeSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  lstatSync,
} from 'node:fs';
import {
  mountsOf,
  unless,
  type Checkpoint,
  type Subject,
} from '@slipway/lab/checkpoint.ts';
import { standardDevices } from '../root/devices.ts';
import { maskedPaths } from '../root/hidden-paths.ts';
import { prepare, startRooted } from './prepared.ts';

export const contentCheckpoints: readonly Checkpoint[] = [
  {
    id: 'own-dev',
    sentence: '/dev holds what every program expects and nothing of the machine',
    needs: ['root', 'tool:busybox'],
    examine: ownDev,
  },
  {
    id: 'kernel-hidden',
    sentence: '/proc is its own, and what it shows of the kernel is shut',
    needs: ['root', 'tool:busybox'],
    examine: kernelHidden,
  },
];

const expected = new Set([
  ...standardDevices.map(({ path }) => path.slice('/dev/'.length)),
  ...['fd', 'stdin', 'stdout', 'stderr', 'ptmx', 'pts', 'shm', 'mqueue'],
  ...['console', 'core'],
]);

async function ownDev(subject: Subject): Promise<void> {
  await using place = prepare();
  await using running = await startRooted(subject, place, ['--pid', '--ipc']);
  const { application } = running;
  const dev = `/proc/${application}/root/dev`;
  const strange = readdirSync(dev).filter(name => !expected.has(name));
  unless(
    strange.length === 0,
    'host-dev',
    `/dev in the container holds ${strange.slice(0, 5).join(', ')}\n` +
      "these are the machine's: with its disk one reads every file of the host. " +
      'A tmpfs of its own, and six nodes, are a /dev.',
  );
  for (const { path, major, minor } of standardDevices) {
    const found = statSync(`/proc/${application}/root${path}`, {
      throwIfNoEntry: false,
    });
    unless(
      found?.isCharacterDevice() === true && found.rdev === major * 256 + minor,
      'no-device',
      `${path} is ${found ? 'something else' : 'missing'}\n` +
        `it is the character device ${major}:${minor}: mknod, or a bind of the host's.`,
    );
  }
  const wanted = { '/dev/pts': 'devpts', '/dev/shm': 'tmpfs', '/dev/mqueue': 'mqueue' };
  const mounts = mountsOf(application);
  for (const [target, type] of Object.entries(wanted)) {
    unless(
      mounts.some(one => one.target === target && one.type === type),
      'no-mount-in-dev',
      `no ${type} is mounted on ${target}: terminals, shared memory or queues have ` +
        `no ` +
        'place in the container',
    );
  }
  unless(
    linkAt(`${dev}/fd`) === '/proc/self/fd',
    'no-link',
    '/dev/fd does not lead to /proc/self/fd\n' +
      'bash opens it for <(…), and /dev/stdout is one more of its kind.',
  );
}

function linkAt(path: string): string | undefined {
  const found = lstatSync(path, { throwIfNoEntry: false });
  return found?.isSymbolicLink() ? readlinkSync(path) : undefined;
}

async function kernelHidden(subject: Subject): Promise<void> {
  await using place = prepare();
  await using running = await startRooted(subject, place, ['--pid']);
  const inside = `/proc/${running.application}/root`;
  const pids = readdirSync(`${inside}/proc`).filter(name => /^\d+$/.test(name));
  unless(
    pids.length > 0,
    'no-proc',
    'nothing is mounted on /proc in the root: ps, and much else, has no window',
  );
  unless(
    pids.length === 1,
    'host-proc',
    `/proc in the container shows ${pids.length} processes, not 1: the host's\n` +
      'a proc belongs to the PID namespace that mounted it: mount one, do not bind ' +
      'one.',
  );
  const open = maskedPaths.find(path => !isShut(`${inside}${path}`));
  unless(
    open === undefined,
    'unmasked',
    `${open} can be read in the container\n` +
      'it is the one kernel that speaks there, to every container the same. Hide it: ' +
      'an empty tmpfs over a folder, /dev/null over a file.',
  );
  unless(
    !opensForWriting(`${inside}/proc/sys/kernel/panic`),
    'writable-kernel',
    '/proc/sys/kernel/panic can be written in the container: a setting of the ' +
      'machine\n' +
      'a bind of /proc/sys onto itself, made read-only, leaves it to be read.',
  );
}

/** Not there, empty, or the null device. */
function isShut(path: string): boolean {
  if (!existsSync(path)) return true;
  if (statSync(path).isDirectory()) return readdirSync(path).length === 0;
  return statSync(path).isCharacterDevice() || readFileSync(path).length === 0;
}

/** Opened and closed; nothing is written. */
function opensForWriting(path: string): boolean {
  try {
    closeSync(openSync(path, 'r+'));
    return true;
  } catch {
    return false;
  }
}
