// Experiment 2: seven layers, mounted as one: five of an image, the init layer, and the
// one that the container writes to.
// Sources: overlayfs.rst, proc(5) (mountinfo).

import { experiment, type Lab } from '@slipway/lab';
import { readMountinfo } from '@slipway/lab/proc/mountinfo.ts';
import { fiveLayers, run } from './run-command.ts';

export const seven = experiment(
  'seven',
  'Seven layers, one tree',
  ['root', 'native', 'overlay', 'tool:busybox'],
  async lab => {
    lab.say('Five folders become the five layers of an image, the lowest first:');
    const { root } = await fiveLayers(lab);
    await listLayers(lab, root);
    await whereFrom(lab, root);
    await inside(lab, root);
  },
);

async function listLayers(lab: Lab, root: string): Promise<void> {
  lab.say(
    'A container from it. How many layers has its root? aufs would list them in ' +
      '/sys/fs/aufs/si_…/br*, and the texts quote seven lines:',
  );
  await lab.shell`${run} --root ${root} --image five --name box -- sh -c '
    echo here > /written; cat /etc/motd; /app/hello'`;
  const { stdout } = await lab.shell`${run} layers --root ${root} box`;
  const kinds = stdout
    .trim()
    .split('\n')
    .map(line => /(-init)?=(\S+)$/.exec(line)?.[0] ?? '?');
  const wanted = ['=rw', '-init=ro+wh', ...Array.from({ length: 5 }, () => '=ro+wh')];
  lab.expect({
    claim: 'one layer to write to, the init layer, five of the image',
    expected: wanted.join(' '),
    observed: kinds.join(' '),
    holds: kinds.join(' ') === wanted.join(' '),
  });
}

async function whereFrom(lab: Lab, root: string): Promise<void> {
  lab.say('Every file comes from one of them. Guess for each of these which one:');
  const { stdout } = await lab.shell`${run} layers --root ${root} box \\
      /written /etc/hosts /etc/motd /bin/busybox | cut -c 1-31`;
  const { stdout: all } =
    await lab.shell`${run} layers --root ${root} box | cut -c 1-15`;
  const ids = all.trim().split('\n');
  const of = new Map(
    stdout
      .trim()
      .split('\n')
      .map(line => line.split(/\s+/))
      .map(([path = '', id = '']) => [path, id.slice(0, 12)]),
  );
  const written = ids[0]?.slice(0, 12);
  const motd = ids.findIndex(id => id.slice(0, 12) === of.get('/etc/motd'));
  lab.expect({
    claim: 'what the container wrote is in the first layer, busybox in the last',
    expected: `${written} … ${ids.at(-1)?.slice(0, 12)}`,
    observed: `${of.get('/written')} … ${of.get('/bin/busybox')}`,
    holds:
      of.get('/written') === written &&
      of.get('/bin/busybox') === ids.at(-1)?.slice(0, 12),
  });
  lab.expect({
    claim:
      '/etc/motd comes from the third of the image, /etc/hosts from the init layer',
    expected: 'layer 5 of 7',
    observed: `layer ${motd + 1} of ${ids.length}`,
    holds: motd === 4 && ids.length === 7,
  });
}

async function inside(lab: Lab, root: string): Promise<void> {
  lab.say(
    'Seven layers, one mount. Inside it is `/`. And outside? The mount was made as a ' +
      'descriptor and handed over: it was never put anywhere on this machine.',
  );
  const { stdout } = await lab.shell`${run} --root ${root} --image five -- sh -c '
      head -n 1 /proc/self/mountinfo | cut -d " " -f 5-'`;
  const here = readMountinfo().filter(({ source }) => source === 'slipway').length;
  const isOverlay = /^\/ .* overlay slipway /.test(stdout);
  lab.expect({
    claim: 'an overlay in the container, nothing in this machine’s table of mounts',
    expected: '/ is an overlay; 0 here',
    observed: `/ is ${isOverlay ? 'an overlay' : 'none'}; ${here} here`,
    holds: isOverlay && here === 0,
  });
  lab.say(
    'The old pictures have one more layer below, bootfs: the kernel and its loader. ' +
      'Look for it:',
  );
  const { stdout: kernels } =
    await lab.shell`${run} --root ${root} --image five -- sh -c '
      ls /boot /vmlinuz 2>&1 | grep -c "No such"; uname -r'`;
  lab.expect({
    claim: 'no layer holds a kernel: the one that answers is this machine’s',
    expected: '2 names missing',
    observed: `${kernels.trim().split('\n')[0]} names missing`,
    holds: kernels.trim().startsWith('2\n'),
  });
}
