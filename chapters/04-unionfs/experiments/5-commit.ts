// Experiment 5: what a container wrote becomes a layer, and with it an image.
// Its archive is read by GNU tar; its identity is computed by hand.
// Sources: OCI image specification, layer.md and config.md.

import { createHash } from 'node:crypto';
import { experiment, type Lab } from '@slipway/lab';
import { fiveLayers, run } from './run-command.ts';

export const commit = experiment(
  'commit',
  'A container becomes an image',
  ['root', 'native', 'overlay', 'tool:busybox', 'tool:tar', 'tool:sha256sum'],
  async lab => {
    const { root, place } = await fiveLayers(lab);
    lab.say(
      'A container changes three things and ends. Its layer stays, for it has a name:',
    );
    await lab.shell`${run} --root ${root} --image five --name box -- sh -c '
      echo changed > /etc/motd; rm /var/log/install; mkdir /srv'`;
    await lab.shell`${run} diff --root ${root} box`;
    await makeImage(lab, root);
    await lookAtLayer(lab, root, place);
  },
);

async function makeImage(lab: Lab, root: string): Promise<void> {
  lab.say('It becomes an image. The five below are not copied; one is added:');
  const old = (await lab.shell`${run} inspect --root ${root} five`).stdout;
  await lab.shell`${run} commit --root ${root} -m 'by hand' box six`;
  const fresh = (await lab.shell`${run} inspect --root ${root} six`).stdout;
  const layersOf = (text: string): readonly string[] =>
    [...text.matchAll(/"(sha256:[0-9a-f]{64})"/g)]
      .map(([, digest = '']) => digest)
      .slice(1);
  const [below, all] = [layersOf(old), layersOf(fresh)];
  const equal = below.filter((one, at) => one === all[at]).length;
  lab.expect({
    claim: 'six layers, the first five those of the image before',
    expected: '6, 5 equal',
    observed: `${all.length}, ${equal} equal`,
    holds: all.length === 6 && equal === 5,
  });
  await lab.shell`${run} history --root ${root} six`;
  const { stdout } = await lab.shell`${run} layers --root ${root} six | head -n 1`;
  const chain = all
    .slice(1)
    .reduce((above, diffId) => `sha256:${sha256(`${above} ${diffId}`)}`, all[0] ?? '');
  lab.expect({
    claim:
      'what is stored is named by its chain: sha256("chain below, diff id"), folded',
    expected: chain.slice(7, 31),
    observed: stdout.slice(0, 24),
    holds: stdout.startsWith(chain.slice(7)),
  });
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

async function lookAtLayer(lab: Lab, root: string, place: string): Promise<void> {
  lab.say('Saved, it is a tar of tars. The last layer, as GNU tar reads it:');
  await lab.shell`${run} save --root ${root} six ${place}/six.tar`;
  const { stdout } = await lab.shell`cd ${place}; mkdir out; tar -xf six.tar -C out
    layer=out/$(grep -o 'blobs/sha256/[0-9a-f]*' out/manifest.json | tail -n 1)
    tar -tf $layer; sha256sum $layer | cut -c 1-64`;
  const lines = stdout.trim().split('\n');
  lab.expect({
    claim: 'the deleted file is an empty file with a name that says so',
    expected: 'var/log/.wh.install',
    observed: lines.find(line => line.includes('.wh.')) ?? 'no whiteout',
    holds: lines.includes('var/log/.wh.install'),
  });
  lab.expect({
    claim: 'what is the machine’s own (/etc/hosts …) is in no layer of the image',
    expected: 'no etc/hosts',
    observed: lines.includes('etc/hosts') ? 'etc/hosts' : 'no etc/hosts',
    holds: !lines.includes('etc/hosts') && lines.includes('etc/motd'),
  });
  const { stdout: shown } =
    await lab.shell`${run} inspect --root ${root} six | tail -n 5 | head -n 1`;
  lab.expect({
    claim: 'the diff id is the SHA-256 of that very file',
    expected: lines.at(-1) ?? '',
    observed: /[0-9a-f]{64}/.exec(shown)?.[0] ?? '',
    holds: shown.includes(lines.at(-1) ?? 'nothing'),
  });
}
