// Checkpoints about what a container writes: where it goes, who sees it, what is left.
// Judged by the container's shell, by /proc, by GNU tar, and by the disk.
// Sources: overlayfs.rst; OCI image specification, layer.md and config.md.

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import {
  mountsOf,
  runSubject,
  startSubject,
  unless,
  type Checkpoint,
  type Subject,
} from '@slipway/lab/checkpoint.ts';
import { baseLayer, prepare, type LayerFile } from './images.ts';

const needs = ['root', 'native', 'overlay', 'tool:busybox', 'tool:tar'] as const;

export const containerCheckpoints: readonly Checkpoint[] = [
  {
    id: 'own-layer',
    sentence: 'two containers of one image do not see what the other writes',
    needs,
    examine: ownLayer,
  },
  {
    id: 'init-layer',
    sentence: 'a container knows its own name, and no image is told',
    needs,
    examine: initLayer,
  },
  {
    id: 'no-mount-outside',
    sentence: 'its root is a mount that nobody outside can see',
    needs,
    examine: noMountOutside,
  },
  {
    id: 'commit',
    sentence: 'a commit adds one layer, named by its bytes, to those of the image',
    needs,
    examine: commit,
  },
  {
    id: 'removed',
    sentence: 'with the container goes what it wrote',
    needs,
    examine: removed,
  },
  {
    id: 'strangers',
    sentence: 'a hostile layer changes nothing outside, and leaves nothing behind',
    needs,
    examine: strangers,
  },
];

async function ownLayer(subject: Subject): Promise<void> {
  await using place = prepare();
  const image = place.image('box', baseLayer());
  const first = ['--name', 'first'];
  await place.ask(subject, image, 'echo mine > /written; rm /bin/mkdir', first);
  const seen = await place.ask(subject, image, 'ls / /bin', ['--name', 'second']);
  unless(
    !seen.includes('written') && seen.includes('mkdir'),
    'shared-writes',
    'a container sees what another one of the same image has written\n' +
      'each container writes to a layer of its own; two of them have the same one.',
  );
}

async function initLayer(subject: Subject): Promise<void> {
  await using place = prepare();
  const image = place.image('box', baseLayer());
  const seen = await place.ask(subject, image, 'cat /etc/hosts; echo; ls /etc');
  unless(
    seen.includes('localhost'),
    'no-hosts',
    'the container has no /etc/hosts with localhost in it\n' +
      'no image brings it along: it speaks of this container on this host. ' +
      'Docker has a layer of its own for it, between the image and what the ' +
      'container writes.',
  );
}

async function noMountOutside(subject: Subject): Promise<void> {
  await using place = prepare();
  const image = place.image('box', baseLayer());
  await using running = await startSubject(subject, [
    '--root',
    place.root,
    '--image',
    image,
  ]);
  const own = mountsOf(running.application);
  const outside = mountsOf(running.pid).filter(one =>
    one.target.startsWith(place.path),
  );
  // Ended from inside: then the subject can tidy up.
  process.kill(running.application, 'SIGKILL');
  await running.ended();
  unless(
    outside.length === 0,
    'mount-outside',
    `while the container runs there is a mount outside: ${outside[0]?.target}\n` +
      'fsmount gives a mount that hangs nowhere; only the child attaches it.',
  );
  unless(
    own.some(({ target }) => target === '/'),
    'no-root',
    'the container has no mount at /',
  );
}

async function commit(subject: Subject): Promise<void> {
  await using place = prepare();
  const image = place.image('box', baseLayer());
  await place.ask(subject, image, 'echo new > /new; rm /bin/mkdir', ['--name', 'one']);
  await place.tell(subject, 'commit', 'one', 'two');
  const file = `${place.path}/two-saved.tar`;
  await place.tell(subject, 'save', 'two', file);
  const { layers, diffIds } = unpackSaved(file, `${place.path}/out`);
  unless(
    layers.length === 2,
    'no-new-layer',
    `one layer and the commit’s should be two: there are ${layers.length}\n` +
      'what the container wrote is a layer like the others: it goes on top of them, ' +
      'in the list of diff ids as well.',
  );
  const names = namesIn(layers[1] ?? '');
  unless(
    names.includes('new') && names.includes('bin/.wh.mkdir'),
    'wrong-layer',
    `the new layer should hold new and bin/.wh.mkdir; it holds ${names.join(' ')}`,
  );
  unless(
    !names.includes('etc/hosts'),
    'init-committed',
    'the new layer holds /etc/hosts: that is this container’s own, not the image’s',
  );
  const sums = layers.map(
    layer => `sha256:${createHash('sha256').update(readFileSync(layer)).digest('hex')}`,
  );
  unless(
    sums.join() === diffIds.join(),
    'wrong-diff-id',
    'a diff id is not the SHA-256 of its layer’s uncompressed tar',
  );
}

function unpackSaved(
  file: string,
  folder: string,
): { readonly layers: readonly string[]; readonly diffIds: readonly string[] } {
  mkdirSync(folder);
  execFileSync('tar', ['-xf', file, '-C', folder]);
  const read = (name: string): unknown =>
    JSON.parse(readFileSync(`${folder}/${name}`, 'utf8'));
  const [saved] = read('manifest.json') as { Config: string; Layers: string[] }[];
  const config = read(saved?.Config ?? '') as { rootfs: { diff_ids: string[] } };
  const layers = (saved?.Layers ?? []).map(name => `${folder}/${name}`);
  return { layers, diffIds: config.rootfs.diff_ids };
}

function namesIn(tar: string): readonly string[] {
  const listed = execFileSync('tar', ['-tf', tar], { encoding: 'utf8' });
  return listed.trim().split('\n');
}

async function removed(subject: Subject): Promise<void> {
  await using place = prepare();
  const image = place.image('box', baseLayer());
  const script = 'echo a-word-that-nobody-else-writes > /word';
  await place.ask(subject, image, script, ['--name', 'one']);
  await place.tell(subject, 'rm', 'one');
  const search = `grep -rl a-word-that-nobody-else-writes '${place.root}' | wc -l`;
  const left = execFileSync('sh', ['-c', search], { encoding: 'utf8' });
  unless(
    left.trim() === '0',
    'left-behind',
    'the container is removed, and what it wrote is still on the disk\n' +
      'its read-write layer belongs to nobody any more.',
  );
}

async function strangers(subject: Subject): Promise<void> {
  await using place = prepare();
  const canary = `${place.path}/canary`;
  writeFileSync(canary, 'alive');
  const door: LayerFile = { name: 'door', kind: 'link', target: place.path };
  const hostile: readonly (readonly LayerFile[])[] = [
    [door, { name: 'door/canary', text: 'dead' }],
    [{ name: `..${'/..'.repeat(12)}${canary}`, text: 'dead' }],
    [
      { name: 'bird', kind: 'hardLink', target: canary },
      { name: 'bird', text: 'dead' },
    ],
  ];
  for (const [number, layer] of hostile.entries()) {
    const image = place.image(`hostile-${number}`, baseLayer(), layer);
    const words = ['--root', place.root, '--image', image, '--', 'ls', '/'];
    const result = await runSubject(subject, words);
    unless(
      readFileSync(canary, 'utf8') === 'alive',
      'escaped',
      `a layer has written to ${canary}, outside of its folder\n` +
        'its names lead through links and ..: open each of them beneath the folder ' +
        '(openat2, RESOLVE_BENEATH and RESOLVE_NO_SYMLINKS).',
    );
    unless(
      result.status !== 0,
      'hostile-accepted',
      `a layer with ${JSON.stringify(layer.at(-1)?.name)} was unpacked without a word`,
    );
  }
}
