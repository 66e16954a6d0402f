// Experiment 5: consistency: the same root is the same program, wherever it lies.
// The host that is spoiled is a table of mounts of its own.
// Sources: tar(5), ld.so(8).

import { mkdirSync } from 'node:fs';
import { experiment, type Lab } from '@slipway/lab';
import { digestTree } from '../files/tree-digest.ts';
import { unpackTar } from '../files/unpack.ts';
import { packed, run } from './run-command.ts';

export const consistency = experiment(
  'consistency',
  'The same root, whatever happens to the host',
  ['root', 'native', 'tool:unshare', 'tool:ls', 'tool:tar'],
  async lab => {
    const root = await packed(lab, 'bash', 'ls');
    const [here, there] = await unpackTwice(lab, root);
    await breakTheHost(lab, here, there);
  },
);

async function unpackTwice(lab: Lab, root: string): Promise<readonly string[]> {
  lab.say('A root is files, and files fit into an archive. Unpack it in two places:');
  const folder = await lab.scratch();
  await lab.shell`tar -cf ${folder}/root.tar -C ${root} .`;
  const places = [`${folder}/here`, `${folder}/there`];
  for (const place of places) {
    mkdirSync(place);
    await unpackTar(`${folder}/root.tar`, place);
  }
  const digests = places.map(place => digestTree(place));
  lab.show(
    places.map((place, index) => ({
      place: place.split('/').at(-1) ?? '',
      entries: digests[index]?.entries ?? 0,
      digest: `${digests[index]?.digest.slice(0, 19)}…`,
    })),
  );
  lab.expect({
    claim: 'paths, modes, owners, contents and links are equal',
    expected: 'one digest',
    observed: digests[0]?.digest === digests[1]?.digest ? 'one digest' : 'two digests',
    holds: digests[0]?.digest === digests[1]?.digest,
  });
  return places;
}

async function breakTheHost(lab: Lab, here = '', there = ''): Promise<void> {
  lab.say(
    'Now spoil the host: its libtinfo, without which no bash starts, becomes an ' +
      'empty ' +
      'file. (In a table of mounts of its own. Yours is well.)',
  );
  const { stdout } = await lab.shell`unshare --mount sh -c '
    mount --bind /dev/null $(ldd /bin/bash | grep -o "/[^ ]*libtinfo[^ ]*")
    bash -c "echo host" || echo "host: broken"
    chroot ${here} bash -c "echo here: \\$BASH_VERSION"
    chroot ${there} bash -c "echo there: \\$BASH_VERSION"'`;
  const [host, first = '', second = ''] = stdout.trim().split('\n');
  lab.say(
    'The application was packed with all that it needs from the host but the kernel. ' +
      'That is the consistency that made containers famous.',
  );
  lab.expect({
    claim: 'the packed program runs alike while that of the host is broken',
    expected: 'host: broken; the same version twice',
    observed: `${host}; ${first}; ${second}`,
    holds:
      host === 'host: broken' &&
      /^here: \d/.test(first) &&
      first.slice(6) === second.slice(7),
  });
}

export const application = experiment(
  'application',
  'Node, and nothing else',
  ['root', 'native'],
  async lab => {
    lab.say(
      'A real application: this Node, in a root in which there is no shell, no ls, ' +
        'no ' +
        '/etc. How many files does it take?',
    );
    const root = await packed(lab, process.execPath);
    const code = 'console.log(process.version, fs.readdirSync("/").join(" "))';
    const { stdout } =
      await lab.shell`${run} --rootfs ${root} --pid -- ${process.execPath} -e ${code}`;
    const [version, ...top] = stdout.trim().split(' ');
    lab.expect({
      claim: 'it runs in an otherwise empty root',
      expected: `${process.version}, without bin and etc`,
      observed: stdout.trim(),
      holds: version === process.version && !top.includes('etc') && top.includes('dev'),
    });
  },
);
