// Experiment 3, mount: a table of mounts of its own, and the way out that it has.
//
// The trap is dug in a mount namespace of its own, in which everything is made shared:
// there a mount can escape to "outside" without reaching the reader's machine.
// Sources: mount_namespaces(7), "Shared subtrees" in the kernel's documentation.

import { relative } from 'node:path';
import { checkProgram, step } from '@slipway/native';
import { experiment, type Lab } from '@slipway/lab';
import { readMountinfo } from '@slipway/lab/proc/mountinfo.ts';
import { startContainer } from './apparatus/conversation.ts';
import { toIsolate, unshare } from './apparatus/rights.ts';

export const mount = experiment(
  'mount',
  'A mount that stays inside, and one that escapes',
  toIsolate,
  async lab => {
    const folder = await lab.scratch();
    await mountInside(lab, folder);
    await letItEscape(lab, folder);
    await startAmongPeers(lab, folder);
    await readBothTables(lab, folder);
    refuseTheLeak(lab);
  },
);

async function mountInside(lab: Lab, folder: string): Promise<void> {
  lab.say(
    'A mount namespace begins as a copy: the same files, the same mounts. What is ' +
      'mounted from then on is another matter. Something is mounted inside; then ' +
      'the same folder is listed inside and outside.',
  );
  const inside = await lab.shell`cd ${folder}; ${unshare('--mount')} sh -c '
    mount -t tmpfs box .; cd .; touch only-inside; ls'`;
  const outside = await lab.shell`ls ${folder} | wc -l`;
  lab.expect({
    claim: 'what is mounted inside is not seen outside',
    expected: 'only-inside; 0 files outside',
    observed: `${inside.stdout.trim()}; ${outside.stdout.trim()} files outside`,
    holds: inside.stdout.trim() === 'only-inside' && outside.stdout.trim() === '0',
  });
}

/** unshare(1) quietly makes everything private; else a shared mount has peers. */
async function letItEscape(lab: Lab, folder: string): Promise<void> {
  lab.say(
    'Was it the flag that kept it in? unshare(1) does one thing more than it says. ' +
      'Let it leave that out, on a machine on which / is shared, as systemd makes ' +
      'it. (The "machine" is a namespace too. Yours is out of reach.)',
  );
  const leak = await lab.shell`cd ${folder}; ${unshare('--mount')} bash -c '
    mount --make-rshared /
    unshare --mount --propagation unchanged mount -t tmpfs leak .
    grep -o "shared:.* leak" /proc/self/mountinfo'`;
  lab.say(
    'It got out. A copy of a shared mount is a peer of the original, and peers ' +
      'tell each other of every mount below them. See shared:N in that line: it ' +
      'names the group of peers. So one more call is needed, and unshare(1) makes ' +
      'it by default:',
  );
  const kept = await lab.shell`cd ${folder}; ${unshare('--mount')} bash -c '
    mount --make-rshared /
    unshare --mount --propagation private mount -t tmpfs leak .
    grep -c leak /proc/self/mountinfo'`;
  const escaped = leak.stdout.split('\n').filter(line => line.includes('leak')).length;
  lab.expect({
    claim: 'among peers a mount escapes, and after MS_PRIVATE it does not',
    expected: '1 escaped, then 0',
    observed: `${escaped} escaped, then ${kept.stdout.trim()}`,
    holds: escaped === 1 && kept.stdout === '0\n',
  });
}

/** The same dangerous world, and our runtime in it. */
async function startAmongPeers(lab: Lab, folder: string): Promise<void> {
  lab.say(
    'The runtime makes it too, before its first mount. In the same shared world:',
  );
  // Not npx tsx: it keeps a socket in /tmp/tsx-UID, and as uid 0 of a user namespace we
  // would be sent to root's folder.
  const run = relative(process.cwd(), `${import.meta.dirname}/../run.ts`);
  const { stdout } = await lab.shell`${unshare('--mount')} bash -c '
    mount --make-rshared /
    npx node $0 --mount -- mount -t tmpfs box $1
    echo "status $?, escaped: $(grep -c $1 /proc/self/mountinfo)"' \\
    ${run} ${folder}`;
  lab.expect({
    claim: 'what our container mounts among peers does not escape',
    expected: 'status 0, escaped: 0',
    observed: stdout.trim(),
    holds: stdout.trim() === 'status 0, escaped: 0',
  });
}

/** Our runtime, read from outside in the kernel's own tables. */
async function readBothTables(lab: Lab, folder: string): Promise<void> {
  lab.say('Now a container that stays. Its table of mounts can be read beside ours:');
  const container = await startContainer(lab, ['--mount']);
  await container.ask(`mount -t tmpfs box ${folder}`);
  const its = readMountinfo(container.pid);
  const ours = readMountinfo().filter(({ mountPoint }) => mountPoint === folder);
  const found = its.filter(({ mountPoint }) => mountPoint === folder);
  const shared = its.filter(({ propagation }) => propagation.length > 0);
  lab.show({
    'mounts in its table': its.length,
    'of these with peers': shared.length,
    'on that folder, its table': found.length,
    'on that folder, ours': ours.length,
  });
  lab.expect({
    claim: "the kernel's tables agree: no peers, and the mount is in its table alone",
    expected: '0 with peers; tmpfs inside, nothing outside',
    observed:
      `${shared.length} with peers; ${found[0]?.type ?? 'nothing'} inside, ` +
      `${ours[0]?.type ?? 'nothing'} outside`,
    holds: shared.length === 0 && found[0]?.type === 'tmpfs' && ours.length === 0,
  });
}

/** A program is data, so the hole can be seen before anything runs. */
function refuseTheLeak(lab: Lab): void {
  lab.say('And a program of system calls that forgets it is refused before it runs:');
  const program = [
    step.mount('box', '/mnt', 'tmpfs'),
    step.exec(['busybox', 'sh'], []),
  ];
  const problems = checkProgram({ namespaces: ['mount'], program });
  lab.expect({
    claim: 'a mount before the mounts are private is refused',
    expected: 'a problem in step 0',
    observed: problems.join('; ') || 'no problem',
    holds: problems.length === 1 && (problems[0] ?? '').startsWith('step 0'),
  });
}
