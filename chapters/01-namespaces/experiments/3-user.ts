// Experiment 3, user: root inside, an ordinary user outside.
//
// Root runs the first half really as uid 1000; an ordinary user runs it as it is.
// Source: user_namespaces(7).

import { readFileSync, statSync } from 'node:fs';
import { chmod } from 'node:fs/promises';
import { experiment, type Lab } from '@slipway/lab';
import { startContainer, type Container } from './apparatus/conversation.ts';
import { statusField } from './apparatus/process-status.ts';
import { isRoot, toIsolate } from './apparatus/rights.ts';

export const user = experiment(
  'user',
  'Root, and yet nobody special',
  [...toIsolate, 'user-namespace', 'tool:setpriv'],
  async lab => {
    await withoutRoot(lab);
    const outer = isRoot() ? 1000 : (process.getuid?.() ?? 0);
    const flags = isRoot()
      ? ['--uid-map', '0:1000:1', '--gid-map', '0:1000:1']
      : ['--map-root-user'];
    const folder = await lab.scratch();
    await chmod(folder, 0o777);
    const container = await startContainer(lab, flags);
    await compareIds(lab, container, outer);
    await touchFiles(lab, container, folder, outer);
  },
);

/** The classic call, by somebody who is not root. */
async function withoutRoot(lab: Lab): Promise<void> {
  lab.say(
    'Seven kinds of namespace are made by root. This is the eighth: anybody may ' +
      'make one. Who is an ordinary user inside of it, before anything is said ' +
      'about users, and who is it with a map?',
  );
  const before = await lab.shell`${ordinaryUser()} unshare --user id -u`;
  const after = await lab.shell`${ordinaryUser()} bash -c '
    unshare --user --map-root-user sh -c "
      id -u; grep CapEff /proc/self/status; wc -c /etc/shadow"'`;
  lab.say(
    'First nobody (65534), for the new namespace knows no users; then root, with ' +
      'every capability there is (CapEff). And yet /etc/shadow stays shut: ' +
      'capabilities count for what belongs to the namespace, and that file belongs ' +
      'to a uid outside of it.',
  );
  const [uid = '', capabilities = ''] = after.stdout.split('\n');
  const denied = after.stderr.includes('Permission denied');
  lab.expect({
    claim: 'an ordinary user becomes nobody, then root, and still may not read shadow',
    expected: '65534, then 0, permission denied',
    observed:
      `${before.stdout.trim()}, then ${uid}, ` +
      `permission ${denied ? 'denied' : 'given'}`,
    holds: before.stdout === '65534\n' && uid === '0' && denied,
  });
  const mask = capabilities.split(/\s+/).at(-1) ?? '';
  const last = Number(readFileSync('/proc/sys/kernel/cap_last_cap', 'utf8'));
  lab.expect({
    claim: 'it has every capability, in its own namespace',
    expected: ((1n << BigInt(last + 1)) - 1n).toString(16).padStart(16, '0'),
    observed: mask,
    holds: mask !== '' && BigInt(`0x${mask}`) === (1n << BigInt(last + 1)) - 1n,
  });
}

/** Root becomes uid 1000 first, and really is; anybody else needs no help. */
function ordinaryUser(): readonly string[] {
  if (!isRoot()) return ['env'];
  return ['setpriv', '--reuid=1000', '--regid=1000', '--clear-groups'];
}

/** One process; the kernel translates its uid for whoever asks. */
async function compareIds(
  lab: Lab,
  container: Container,
  outer: number,
): Promise<void> {
  const [inside] = await container.ask('id -u');
  const range = readFileSync(`/proc/${container.pid}/uid_map`, 'utf8').trim();
  const map = range.replaceAll(/\s+/g, ' ');
  await lab.shell`cd /proc/${container.pid}; cat uid_map; grep Uid status`;
  lab.say(
    `The map says: 0 inside is ${outer} outside, for 1 uid. The kernel keeps one ` +
      'number for the process, the outer one, and translates it for whoever asks.',
  );
  const outside = statusField(container.pid, 'Uid').split(/\s+/)[0];
  lab.expect({
    claim: `uid 0 inside is uid ${outer} outside`,
    expected: `0 inside, ${outer} outside, map 0 ${outer} 1`,
    observed: `${inside} inside, ${outside} outside, map ${map}`,
    holds: inside === '0' && outside === String(outer) && map === `0 ${outer} 1`,
  });
}

/** What it makes belongs to the outer user; what is root's stays root's. */
async function touchFiles(
  lab: Lab,
  container: Container,
  folder: string,
  outer: number,
): Promise<void> {
  await container.ask(`cd ${folder}; touch mine; ls -ln`);
  await lab.shell`ls -ln ${folder}`;
  const owner = statSync(`${folder}/mine`).uid;
  const [answer = ''] = await container.ask('cat /etc/shadow | wc -l');
  const refused = answer.includes('Permission denied');
  lab.expect({
    claim: "its files are the outer user's, and root's are not its own",
    expected: `a file of ${outer}, shadow refused`,
    observed: `a file of ${owner}, shadow ${refused ? 'refused' : 'read'}`,
    holds: owner === outer && refused,
  });
}
