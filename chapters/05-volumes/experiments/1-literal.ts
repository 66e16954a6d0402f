// Experiment 1: the classic sentence, typed: the root is ready, the process has its own
// table of mounts, pivot_root is still to come: now a folder is bound into the root.
// Sources: mount(8), pivot_root(8); the Chinese introductions to Docker.

import { readdirSync } from 'node:fs';
import { experiment, type Lab } from '@slipway/lab';
import { prepare, run, type Prepared } from './run-command.ts';

export const literal = experiment(
  'literal',
  'A folder of the host, bound in before pivot_root',
  ['root', 'native', 'overlay', 'tool:busybox', 'tool:pivot_root'],
  async lab => {
    const place = await prepare(lab);
    await byHand(lab, place);
    await inTheLayer(lab, place);
    await asTheRuntime(lab, place);
  },
);

async function byHand(lab: Lab, { folder }: Prepared): Promise<void> {
  lab.say(
    'The root is an overlay here, as a runtime has it: below the busybox root, above ' +
      'it the read-write layer rw, still empty. The process has a table of mounts of ' +
      'its own, and still sees the whole host. So it can bind a folder of the host ' +
      'into the root, and only then go in:',
  );
  const { stdout } = await lab.shell`cd ${folder}; mkdir rw work merged
    unshare --mount --propagation private bash -c '
      mount -t overlay box -o lowerdir=root,upperdir=rw,workdir=work merged
      mkdir merged/test
      mount --bind home merged/test
      cd merged; pivot_root . .; hash -r; umount -l .
      cat /test/letter
      echo "from the container" > /test/answer'
    cat home/answer`;
  const seen = stdout.trim().split('\n');
  lab.expect({
    claim: 'inside it is /test, and both sides write to one folder',
    expected: 'from the host, from the container',
    observed: seen.join(', '),
    holds: seen.join(', ') === 'from the host, from the container',
  });
}

async function inTheLayer(lab: Lab, { folder }: Prepared): Promise<void> {
  lab.say(
    'The bind was made in a table of mounts that this shell does not have. What has ' +
      'the container left in its read-write layer? That is what a commit would keep.',
  );
  const { stdout } = await lab.shell`cd ${folder}
    grep -c " ${folder}/" /proc/self/mountinfo
    find rw -mindepth 1; ls -A rw/test | wc -l
    tar -C rw -c . | tar -t`;
  const [mounts, found, files, ...packed] = stdout.trim().split('\n');
  lab.expect({
    claim: 'the host has no such mount',
    expected: '0 lines of mountinfo',
    observed: `${mounts} lines of mountinfo`,
    holds: mounts === '0',
  });
  lab.expect({
    claim: 'the layer holds the empty mount point, and a tar of it no letter',
    expected: 'rw/test with 0 files; ./ ./test/',
    observed: `${found} with ${files} files; ${packed.join(' ')}`,
    holds: found === 'rw/test' && files === '0' && packed.join(' ') === './ ./test/',
  });
}

async function asTheRuntime(lab: Lab, { folder, root, home }: Prepared): Promise<void> {
  lab.say('The same by the runtime, with the line of the program that does it:');
  const v = `${home}:/test`;
  const explained =
    await lab.shell`${run} --rootfs ${root} -v ${v} --explain -- sh | grep -A3 /test`;
  await lab.shell`${run} --rootfs ${root} --pid -v ${v} -- cat /test/letter /test/answer`;
  const order = /move_mount\(.*"\/test"\)[^]*pivot_root/.test(explained.stdout);
  const left = readdirSync(`${folder}/root/test`).length;
  lab.expect({
    claim: 'a mount made outside is attached before pivot_root, and leaves no trace',
    expected: 'move_mount, then pivot_root; 0 files in root/test',
    observed: `${order ? 'move_mount, then pivot_root' : 'another order'}; ${left} files in root/test`,
    holds: order && left === 0,
  });
}
