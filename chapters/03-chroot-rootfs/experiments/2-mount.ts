// Experiment 2: a mount namespace alone shows the files of the host.
// Source: mount_namespaces(7).

import { experiment } from '@slipway/lab';

export const mount = experiment(
  'mount',
  'A table of mounts is not another root',
  ['root', 'tool:unshare', 'tool:busybox'],
  async lab => {
    lab.say('A process with a table of mounts of its own. Whose files does it see?');
    const before =
      await lab.shell`ls / | md5sum; unshare --mount sh -c 'ls / | md5sum'`;
    const [outside, inside] = before.stdout.trim().split('\n');
    lab.expect({
      claim: 'with the flag alone, / is the root of the host',
      expected: 'two equal lists',
      observed: outside === inside ? 'two equal lists' : 'two lists',
      holds: outside === inside && outside !== undefined,
    });
    lab.say('The copy shows what was copied. Only a mount changes the view:');
    const after = await lab.shell`unshare --mount sh -c '
      ls /mnt | wc -l; mount -t tmpfs box /mnt; touch /mnt/only-here; ls /mnt'
      ls /mnt | grep -c only-here`;
    const [, mounted, found] = after.stdout.trim().split('\n').slice(-3);
    lab.say(
      'So a container that shall see other files needs a mount on / itself: its root ' +
        'file system, rootfs for short.',
    );
    lab.expect({
      claim: 'what is mounted changes the view, inside only',
      expected: 'only-here, 0 outside',
      observed: `${mounted}, ${found} outside`,
      holds: mounted === 'only-here' && found === '0',
    });
  },
);
