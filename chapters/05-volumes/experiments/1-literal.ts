// Experiment 1: the classic sentence, typed: the root is ready, the process has its own
// table of mounts, pivot_root is still to come: now a folder is bound into the root.
// Sources: mount(8), pivot_root(8); the Chinese introductions to Docker.

import { experiment, type Lab } from '@slipway/lab';
import { boxImage } from './box-image.ts';
import { prepare, run, volumesRoot, type Prepared } from './run-command.ts';

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
    'The root is an overlay here, as a runtime has it: below the busybox root, ' +
      'above it the read-write layer rw, still empty. The process has a table of ' +
      'mounts of its own, and still sees the whole host. So it can bind a folder of ' +
      'the host into the root, and only then go in:',
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
    'The bind was made in a table of mounts that this shell does not have. What ' +
      'has the container left in its read-write layer? That is what a commit would ' +
      'keep.',
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

async function asTheRuntime(lab: Lab, place: Prepared): Promise<void> {
  await volumesRoot(lab);
  const image = boxImage(place);
  const v = `${place.home}:/test`;
  lab.say('The same by the runtime, from an image, with the line that does it:');
  const explained = await lab.shell`${run} --image ${image} -v ${v} --explain -- sh \\
      | grep -A3 '"/test"'
    ${run} --image ${image} --name box -v ${v} -- cat /test/letter /test/answer`;
  const order = /move_mount\(.*"\/test"\)[^]*pivot_root/.test(explained.stdout);
  lab.expect({
    claim: 'a mount made outside is attached right before pivot_root',
    expected: 'move_mount, then pivot_root',
    observed: order ? 'move_mount, then pivot_root' : 'another order',
    holds: order,
  });
  lab.say('And a commit of that container. Does the new image know the letter?');
  const kept = await lab.shell`${run} diff box
    ${run} commit box kept > /dev/null
    ${run} --image kept -- sh -c 'ls -A /test | wc -l'; ${run} rm box`;
  const [changed, files] = kept.stdout.trim().split('\n');
  lab.expect({
    claim: 'what it has changed is the mount point, and a commit has no data',
    expected: 'A /test, 0 files',
    observed: `${changed}, ${files} files`,
    holds: changed === 'A /test' && files === '0',
  });
}
