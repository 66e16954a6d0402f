// Experiment 4: what can be mounted, and how: read-only, one file, memory, with what is
// mounted below. Sources: mount_setattr(2), tmpfs(5), mount(8) about bind and rbind.
// Each part is a guess, a command, and what became of the guess.

import { mkdirSync, writeFileSync } from 'node:fs';
import { experiment, type Lab } from '@slipway/lab';
import { prepare, run, type Prepared } from './run-command.ts';

export const kinds = experiment(
  'kinds',
  'Read-only, one file, memory, and what is mounted below',
  ['root', 'native', 'tool:busybox', 'tool:mount'],
  async lab => {
    const place = await prepare(lab);
    await readOnly(lab, place);
    await oneFile(lab, place);
    await memory(lab, place);
    await below(lab, place);
  },
);

async function readOnly(lab: Lab, { root, home }: Prepared): Promise<void> {
  lab.say(
    'The same folder twice in one container, once to be read only. It is one ' +
      'inode; which of the two names can be written through?',
  );
  const { stdout } = await lab.shell`${run} --rootfs ${root} --pid \\
    -v ${`${home}:/a`} -v ${`${home}:/b:ro`} -- sh -c '
    touch /a/one; touch /b/two; echo $(ls /b)' 2>&1`;
  lab.expect({
    claim: 'ro belongs to the mount, not to the files',
    expected: 'Read-only file system; letter one',
    observed: stdout.trim().split('\n').join('; '),
    holds: /Read-only file system[^]*letter one$/.test(stdout.trim()),
  });
}

async function oneFile(lab: Lab, { root, home }: Prepared): Promise<void> {
  lab.say(
    'A file can be mounted, too; its mount point is an empty file. That is how a ' +
      'container gets its own /etc/hosts. An editor that saves by renaming meets ' +
      'this:',
  );
  const { stdout } = await lab.shell`${run} --rootfs ${root} --pid \\
    -v ${`${home}/letter:/etc/letter`} -- sh -c '
    cat /etc/letter; echo new > /tmp/x; mv -f /tmp/x /etc/letter; echo $?' 2>&1`;
  lab.expect({
    claim: 'the file is there, and its name cannot be given to another one',
    expected: 'from the host, then busy',
    observed: stdout.trim().split('\n').join('; '),
    holds: /^from the host\n[^]*(busy|EBUSY)[^]*\n1$/i.test(stdout.trim()),
  });
}

async function memory(lab: Lab, { root }: Prepared): Promise<void> {
  lab.say(
    'Memory with a path, a size and a mode. What happens to the second megabyte?',
  );
  const { stdout } = await lab.shell`${run} --rootfs ${root} --pid \\
    --tmpfs /run:size=1m,mode=700 -- sh -c '
    stat -c "%a" /run; dd if=/dev/zero of=/run/x bs=1k count=2k
    stat -c "%s" /run/x' 2>&1
    ls -A ${root}/run | wc -l`;
  const lines = stdout.trim().split('\n');
  const full = stdout.includes('No space left') ? 'No space left' : 'space enough';
  lab.expect({
    claim: 'it has its mode, holds its size, and leaves nothing behind',
    expected: '700, No space left, 1048576, 0 files',
    observed: [lines[0], full, ...lines.slice(-2)].join(', '),
    holds: /^700\n[^]*No space left[^]*\n1048576\n0$/.test(stdout.trim()),
  });
}

async function below(lab: Lab, { root, home }: Prepared): Promise<void> {
  lab.say(
    'On the host something is mounted in the folder: home/disk. mount --bind ' +
      'would leave it out; a volume takes it along, unless it is told not to.',
  );
  mkdirSync(`${home}/disk`);
  writeFileSync(`${home}/disk/under`, '');
  const long = `type=bind,src=${home},dst=/test,bind-nonrecursive`;
  const { stdout } =
    await lab.shell`mount -t tmpfs disk ${home}/disk; touch ${home}/disk/file
    ${run} --rootfs ${root} --pid -v ${`${home}:/test:ro`} -- sh -c '
      ls /test/disk; touch /test/disk/x; true' 2>&1
    ${run} --rootfs ${root} --pid --mount ${long} -- ls /test/disk
    umount ${home}/disk`;
  const lines = stdout.trim().split('\n');
  lab.expect({
    claim: 'with what is mounted below, read-only as a whole; or the folder alone',
    expected: 'file, Read-only file system, under',
    observed: lines.join(', '),
    holds: /^file\n[^]*Read-only file system\nunder$/.test(stdout.trim()),
  });
}
