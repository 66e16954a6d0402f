// Experiment 4: copy on write: the image's layers before and after, to the byte.
// A layer's digest is over every path, mode, owner and content in its folder.
// Source: overlayfs.rst.

import { existsSync } from 'node:fs';
import { digestTree } from '@slipway/rootfs';
import { experiment, type Lab } from '@slipway/lab';
import { openStore } from '../store/open-store.ts';
import { fiveLayers, run } from './run-command.ts';

export const cow = experiment(
  'cow',
  'A container writes, its image does not change',
  ['root', 'native', 'overlay', 'tool:busybox'],
  async lab => {
    const { root } = await fiveLayers(lab);
    const before = digestsOf(root);
    lab.say('The digest of each layer of the image, over all its files:');
    lab.show(before.map(one => one.slice(0, 19)));
    lab.say('A container that changes, adds and deletes:');
    await lab.shell`${run} --root ${root} --image five --name box -- sh -c '
      echo changed > /etc/motd; echo new > /new; rm -r /app /bin/ls'`;
    await lab.shell`${run} diff --root ${root} box`;
    const after = digestsOf(root);
    lab.expect({
      claim: 'every layer of the image is what it was',
      expected: '5 equal digests',
      observed: `${equalIn(before, after)} equal digests`,
      holds: before.length === 5 && before.join() === after.join(),
    });
    await again(lab, root);
    await remove(lab, root);
  },
);

function equalIn(before: readonly string[], after: readonly string[]): number {
  return before.filter((one, index) => one === after[index]).length;
}

function digestsOf(root: string): readonly string[] {
  const store = openStore(root);
  const layers = store.find('five')?.layers ?? [];
  return layers.map(
    id => digestTree(store.driver.layers(id, false).folders[0] ?? '').digest,
  );
}

async function again(lab: Lab, root: string): Promise<void> {
  lab.say('Another container from the same image. What does it see?');
  const { stdout } = await lab.shell`${run} --root ${root} --image five -- sh -c '
      cat /etc/motd; ls /new; ls /bin/ls' 2>&1`;
  const fresh = stdout.includes('welcome') && stdout.includes('/bin/ls\n');
  lab.expect({
    claim: 'the image, and nothing of the first one',
    expected: 'welcome, no /new, /bin/ls there',
    observed: fresh ? 'welcome, no /new, /bin/ls there' : stdout,
    holds: fresh && stdout.includes('No such file'),
  });
}

async function remove(lab: Lab, root: string): Promise<void> {
  const store = openStore(root);
  const { stdout } = await lab.shell`${run} layers --root ${root} box | head -n 1`;
  const id = stdout.split('=')[0] ?? '';
  const layer = store.driver.layers(id, true).folders[0] ?? '';
  lab.say('The container is removed. Its layer goes; the image stays:');
  await lab.shell`${run} rm --root ${root} box; ${run} images --root ${root}`;
  const left = digestsOf(root).length;
  lab.expect({
    claim: 'the read-write layer is gone with its container',
    expected: 'gone; 5 layers left',
    observed: `${existsSync(layer) ? 'there' : 'gone'}; ${left} layers left`,
    holds: !existsSync(layer) && left === 5,
  });
}
