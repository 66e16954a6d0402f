// Experiment 2: what a bind mount replaces: not the folder, but what its name leads to.
// The folder itself is never touched: that is the surprise at the end.
// Sources: inode(7), mount(2), path_resolution(7).

import { writeFileSync, mkdirSync } from 'node:fs';
import { experiment, type Lab } from '@slipway/lab';
import { prepare, run, type Prepared } from './run-command.ts';

export const inode = experiment(
  'inode',
  'One inode, two names: what a bind mount does to a path',
  ['root', 'native', 'tool:busybox'],
  async lab => {
    const place = await prepare(lab);
    mkdirSync(`${place.root}/test`);
    writeFileSync(`${place.root}/test/old`, 'of the image\n');
    await sameNumber(lab, place);
    await thereAndBack(lab, place);
  },
);

async function sameNumber(lab: Lab, { root, home }: Prepared): Promise<void> {
  lab.say(
    'An inode is the file; a name in a folder (a dentry, once it was looked up) ' +
      'leads to it. The root has a folder /test with a file "old" of its own. Which ' +
      'inode does the container find at /test, and which files?',
  );
  const outside = await lab.shell`stat -c '%d:%i' ${home} ${root}/test`;
  const [ofHome, ofTest] = outside.stdout.trim().split('\n');
  const inside =
    await lab.shell`${run} --rootfs ${root} --pid -v ${`${home}:/test`} -- sh -c '
    stat -c %d:%i /test; ls /test; echo "in a hurry" > /test/answer'`;
  const [seen, ...names] = inside.stdout.trim().split('\n');
  lab.expect({
    claim: 'the name /test leads to the inode of home, no longer to its own',
    expected: `${ofHome} with letter (and not ${ofTest})`,
    observed: `${seen} with ${names.join(' ')}`,
    holds: seen === ofHome && seen !== ofTest && names.join(' ') === 'letter',
  });
  const after = await lab.shell`ls ${home} ${root}/test`;
  lab.expect({
    claim: 'what was written went into home',
    expected: 'answer in home, old alone in root/test',
    observed: after.stdout.trim().split(/\s+/).join(' '),
    holds: /home:\s+answer\s+letter\s+\S+test:\s+old$/.test(after.stdout.trim()),
  });
}

async function thereAndBack(lab: Lab, { folder }: Prepared): Promise<void> {
  lab.say(
    'The old folder was never touched: it lies under the mount, out of sight. ' +
      'umount brings the old inode back under the name:',
  );
  const { stdout } = await lab.shell`cd ${folder}
    unshare --mount --propagation private bash -c '
      stat -c "%i" root/test; mount --bind home root/test
      stat -c "%i" root/test; touch root/test/new
      umount root/test
      stat -c "%i" root/test; echo $(ls root/test)'`;
  const [before, during, after, names] = stdout.trim().split('\n');
  const back = after === before ? 'A' : 'C';
  lab.expect({
    claim: 'another inode while it is mounted, then the old one with its old content',
    expected: 'A, B, A, old',
    observed: ['A', during === before ? 'A' : 'B', back, names].join(', '),
    holds: during !== before && after === before && names === 'old',
  });
}
