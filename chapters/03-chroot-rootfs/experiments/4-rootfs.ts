// Experiment 4: a whole root, with its /dev, its /proc, and what is shut in them.
// What the kernel says of it is read from outside, in /proc/PID/mountinfo.
// Sources: proc(5), devpts in the kernel's documentation, hier(7).

import { experiment, type Lab } from '@slipway/lab';
import { readMountinfo } from '@slipway/lab/proc/mountinfo.ts';
import { maskedPaths } from '../root/hidden-paths.ts';
import { background, run } from './run-command.ts';

export const rootfs = experiment(
  'rootfs',
  'A whole root: bin, dev, etc, home … var',
  ['root', 'native', 'tool:busybox'],
  async lab => {
    const root = `${await lab.scratch()}/box`;
    await lookAround(lab, root);
    await readItsTable(lab, root);
    await freeze(lab, root);
  },
);

async function lookAround(lab: Lab, root: string): Promise<void> {
  lab.say('busybox is a system in one file. Around it the folders that a system has:');
  await lab.shell`${run} busybox ${root}`;
  const { stdout } = await lab.shell`${run} --rootfs ${root} --pid -- sh -c '
    echo /*; ls /dev; ps; echo lost > /dev/null; head -c 4 /dev/urandom | wc -c'`;
  const [top, ...rest] = stdout.trim().split('\n');
  const names = '/bin /dev /etc /home /lib /proc /root /run /sbin /sys /tmp /usr /var';
  lab.expect({
    claim: 'it looks like a system, and nothing of this one is in sight',
    expected: names,
    observed: top ?? '',
    holds: top === names,
  });
  lab.say(
    'The folder had an empty dev. Its null, zero, tty and the rest were made at the ' +
      'start, in a tmpfs: six nodes, where this machine has hundreds.',
  );
  const devices = rest.filter(one => /^(null|urandom)$/.test(one)).join(' and ');
  lab.expect({
    claim: 'its devices work',
    expected: 'null and urandom, 4 bytes',
    observed: `${devices}, ${rest.at(-1)} bytes`,
    holds: rest.includes('null') && rest.at(-1) === '4',
  });
}

async function readItsTable(lab: Lab, root: string): Promise<void> {
  lab.say('Another one that stays. Its table of mounts, read from outside:');
  const { pid } = await background(lab, root);
  const mounts = readMountinfo(pid);
  lab.show(
    mounts.map(({ mountPoint, type, options }) => ({
      on: mountPoint,
      type,
      options: options.split(',').slice(0, 4).join(','),
    })),
  );
  const on = new Set(mounts.map(({ mountPoint }) => mountPoint));
  const wanted = ['/', '/proc', '/sys', '/dev', '/dev/pts', '/dev/shm', '/dev/mqueue'];
  lab.expect({
    claim: 'everything in it is a mount of its own',
    expected: wanted.join(' '),
    observed: wanted.filter(one => on.has(one)).join(' '),
    holds: wanted.every(one => on.has(one)),
  });
  lab.say(
    '/proc is its own and the kernel in it is not: /proc/sys are the settings of ' +
      'this ' +
      'machine, and some files tell about everybody. These are behind an empty ' +
      'mount, ' +
      'those can only be read.',
  );
  const shut = maskedPaths.filter(path => on.has(path));
  const sys = mounts.find(({ mountPoint }) => mountPoint === '/proc/sys');
  lab.expect({
    claim: 'what shows the whole machine is shut, its settings are read-only',
    expected: 'some paths shut; /proc/sys ro',
    observed: `${shut.length} paths shut; /proc/sys ${sys?.options.split(',')[0]}`,
    holds: shut.length > 0 && sys?.options.split(',')[0] === 'ro',
  });
}

async function freeze(lab: Lab, root: string): Promise<void> {
  lab.say('The root can be frozen. Guess which of the two can still be written:');
  const { stdout } = await lab.shell`${run} --rootfs ${root} --read-only -- sh -c '
    touch /tmp/x; touch /dev/shm/x; ls /tmp /dev/shm'`;
  lab.expect({
    claim: '--read-only freezes the root, not what is mounted in it',
    expected: 'x in /dev/shm only',
    observed: stdout.trim().split(/\s+/).join(' '),
    holds: /^\/dev\/shm:\s+x\s+\/tmp:\s*$|^\/tmp:\s+\/dev\/shm:\s+x\s*$/.test(stdout),
  });
}
