// Experiment 4: what is mounted later, on one side: does the other side see it?
// The shared mount that it needs is made in a scratch folder.
// Source: mount_namespaces(7), "Shared subtrees".

import { mkdirSync } from 'node:fs';
import { experiment, type Lab } from '@slipway/lab';
import { prepare, run, start, type Prepared } from './run-command.ts';

const words = ['rprivate', 'rslave', 'rshared'] as const;

const wanted: Readonly<Record<(typeof words)[number], string>> = {
  rprivate: 'no no',
  rslave: 'yes no',
  rshared: 'yes yes',
};

export const propagation = experiment(
  'propagation',
  'private, slave, shared: what is mounted later, seen from both sides',
  ['root', 'native', 'tool:busybox', 'tool:nsenter', 'tool:mount'],
  async lab => {
    const place = await prepare(lab);
    await needsAShared(lab, place);
    lab.say(
      'Now home is a shared mount. A container is started with it in each of the ' +
        'three ways. Then the host mounts something in home/out, and the container ' +
        'something in /test/in. Who sees what? Guess the six answers first.',
    );
    const { home } = place;
    await lab.shell`mount --bind ${home} ${home}; mount --make-shared ${home}`;
    for (const name of ['out', 'in']) mkdirSync(`${home}/${name}`);
    const rows = [];
    for (const word of words)
      rows.push({ '-v': word, ...(await look(lab, place, word)) });
    lab.show(rows);
    for (const row of rows) {
      const seen = `${row['the container sees out']} ${row['the host sees in']}`;
      lab.expect({
        claim: `${row['-v']}: container sees the host's, host sees the container's`,
        expected: wanted[row['-v']],
        observed: seen,
        holds: seen === wanted[row['-v']],
      });
    }
  },
);

async function needsAShared(lab: Lab, { root, home }: Prepared): Promise<void> {
  lab.say('Passing on needs somebody to pass to: a source on a shared mount.');
  const option = `${home}:/test:rshared`;
  const { stdout } =
    await lab.shell`mount --bind ${home} ${home}; mount --make-private ${home}
    ${run} --rootfs ${root} -v ${option} -- true 2>&1; umount ${home}`;
  lab.expect({
    claim: 'on a private mount the option would do nothing, so it is refused',
    expected: 'which is not shared',
    observed: /which is not shared/.exec(stdout)?.[0] ?? stdout,
    holds: stdout.includes('which is not shared'),
  });
}

async function look(lab: Lab, { root, home }: Prepared, word: string) {
  await using child = await start(root, { volumes: [`${home}:/test:${word}`] });
  const { pid } = child;
  const { stdout } =
    await lab.shell`mount -t tmpfs late ${home}/out; touch ${home}/out/seen
    nsenter -t ${pid} -m /bin/sh -c '
      ls /test/out; mount -t tmpfs late /test/in; touch /test/in/seen'
    echo and; ls ${home}/in
    umount ${home}/out; nsenter -t ${pid} -m /bin/umount /test/in; true`;
  const [inside = '', outside = ''] = stdout.split('and\n');
  const answer = (text: string): string => (text.trim() === 'seen' ? 'yes' : 'no');
  return {
    'the container sees out': answer(inside),
    'the host sees in': answer(outside),
  };
}
