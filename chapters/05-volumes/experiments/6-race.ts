// Experiment 6: a container swaps the place of a mount for a link while another one is
// started, some hundred times. The idea is that of CVE-2021-30465 (runc).
// Sources: openat2(2), RESOLVE_IN_ROOT; move_mount(2), MOVE_MOUNT_T_EMPTY_PATH.

import { mkdirSync, writeFileSync } from 'node:fs';
import { experiment, type Lab } from '@slipway/lab';
import { readMountinfo } from '@slipway/lab/proc/mountinfo.ts';
import { SyscallError } from '@slipway/native';
import { packPrograms } from '@slipway/rootfs';
import { prepare, start, type Prepared } from './run-command.ts';

const times = 300;

/** Turns `place` into a link and back, as fast as the kernel renames. */
const swap =
  'chdir "/shared"; symlink $ARGV[0], "link"; while (1) { rename "place", "was"; ' +
  'rename "link", "place"; rename "place", "link"; rename "was", "place" }';

export const race = experiment(
  'race',
  'A mount target that becomes a link in the wrong moment, 300 times',
  ['root', 'native', 'tool:busybox', 'tool:perl', 'tool:mount'],
  async lab => {
    const place = await prepare(lab);
    const { folder, root } = place;
    for (const name of ['shared/place', 'canary', 'evil']) {
      mkdirSync(`${folder}/${name}`, { recursive: true });
    }
    writeFileSync(`${folder}/evil/payload`, '');
    packPrograms(['perl'], root);
    lab.say(
      'Two containers share a folder: one has it as /shared and is hostile. ' +
        'Whoever starts the other one asks for a second mount inside of it, at ' +
        '/shared/place. The hostile one renames, without pause: place is a folder, ' +
        'then a link to a folder of the host (the canary), then a folder again.',
    );
    lab.show([`perl -e '${swap}' ${folder}/canary`]);
    const volumes = [`${folder}/shared:/shared`];
    const argv = ['perl', '-e', swap, `${folder}/canary`];
    await using _ = await start(root, { volumes, argv });
    await naive(lab, place);
    await byDescriptor(lab, place);
  },
);

async function naive(lab: Lab, { folder, root }: Prepared): Promise<void> {
  lab.say(
    'First a runtime that is careful, and works with paths: it looks whether the ' +
      'target is a link, and mounts only if not. Is that enough?',
  );
  const { stdout } = await lab.shell`cd ${folder}
    unshare --mount --propagation private bash -c '
      mkdir -p root/shared; mount --bind shared root/shared; target=root/shared/place
      while [ $((tries)) -lt ${times} ]; do
        [ -L $target ] && continue
        tries=$((tries + 1))
        mount --bind evil $target
        [ -e canary/payload ] && escaped=$((escaped + 1)) && umount canary
      done 2> /dev/null
      echo tries: $tries, on the canary of the host: $((escaped))'`;
  const escaped = Number(/host: (\d+)/.exec(stdout)?.[1]);
  lab.expect({
    claim: 'between the look and the mount there is time enough',
    expected: 'some mounts land on the host',
    observed: `${escaped} of ${times} tries landed on the host`,
    holds: escaped > 0,
  });
  void root;
}

async function byDescriptor(lab: Lab, { folder, root }: Prepared): Promise<void> {
  lab.say(
    'Now the runtime of this chapter, against the same swapping. Its init opens ' +
      'the target once, with the root as the end of all paths, and mounts onto what ' +
      'it has opened: there is no second look at the name. Each time we stop it ' +
      'right before pivot_root and read in its own table where everything is.',
  );
  const count = { inside: 0, refused: 0, outside: 0 };
  const volumes = [`${folder}/shared:/shared`, `${folder}/evil:/shared/place`];
  for (let time = 0; time < times; time += 1) {
    count[await attempt(root, volumes, folder)] += 1;
  }
  lab.show([count]);
  lab.expect({
    claim: 'not one leads out; who meets the link is refused, or stays in the root',
    expected: '0 outside',
    observed: `${count.outside} outside (${count.inside} in, ${count.refused} refused)`,
    holds: count.outside === 0 && count.inside + count.refused === times,
  });
  lab.expect({
    claim: 'the swapping was no empty threat: some of these met the link',
    expected: 'more than 0 refused',
    observed: `${count.refused} refused`,
    holds: count.refused > 0,
  });
}

async function attempt(
  root: string,
  volumes: readonly string[],
  folder: string,
): Promise<'inside' | 'outside' | 'refused'> {
  let outside = false;
  try {
    await using _ = await start(root, {
      volumes,
      argv: ['true'],
      beforePivot: ({ pid }) => {
        // What hangs in the new root is shown as if its root were /.
        outside = readMountinfo(pid).some(one => one.mountPoint.startsWith(folder));
      },
    });
  } catch (error) {
    if (!(error instanceof SyscallError || isUsage(error))) throw error;
    return outside ? 'outside' : 'refused';
  }
  return outside ? 'outside' : 'inside';
}

function isUsage(error: unknown): boolean {
  return error instanceof Error && error.name === 'UsageError';
}
