// Checkpoints about users: who is root inside, and what that is worth outside.
//
// - root-inside-only: mapped by root, the process is an ordinary user outside
// - ordinary-user: the same without any help of root

import {
  diagnose,
  namespaceOf,
  NeverStarted,
  read,
  startSubject,
  status,
  unless,
  type Checkpoint,
  type RunningSubject,
  type Subject,
} from '@slipway/lab/checkpoint.ts';

export const identityCheckpoints: readonly Checkpoint[] = [
  {
    id: 'root-inside-only',
    sentence: 'uid 0 inside is an ordinary user outside',
    needs: ['root', 'user-namespace', 'tool:busybox'],
    examine: rootInsideOnly,
  },
  {
    id: 'ordinary-user',
    sentence: 'an ordinary user gets a container without any help of root',
    needs: ['root', 'user-namespace', 'tool:busybox', 'tool:setpriv'],
    examine: ordinaryUser,
  },
];

/** Nobody's number on every system; it owns nothing. */
const nobody = 65534;

async function rootInsideOnly(subject: Subject): Promise<void> {
  const maps = ['--uid-map', '0:1000:1', '--gid-map', '0:1000:1'];
  // A group of the host that the process would keep, were it not told otherwise.
  const member = { ...subject, groups: [4] };
  await using running = await startMapped(member, ['--user', ...maps]);
  const { application } = running;
  checkMap(application, '0 1000 1');
  const [uid] = status(application, 'Uid');
  unless(
    uid === '1000',
    'still-nobody',
    `the maps are right, and the application still is uid ${uid} outside\n` +
      'a map only says who could be there. After the maps are written the process ' +
      'has to take one of these ids: setresgid, setresuid.',
  );
  const groups = status(application, 'Groups').filter(group => group !== '');
  unless(
    groups.length === 0,
    'kept-groups',
    `the application is still in the groups ${groups.join(', ')} of the host\n` +
      "uid and gid have changed, the list of further groups has not: root's group " +
      'opens many files. setgroups empties it, before the uid is given up.',
  );
}

/** The program may give up by itself when the maps do not have id 0. */
async function startMapped(
  subject: Subject,
  options: readonly string[],
): Promise<RunningSubject> {
  try {
    return await startSubject(subject, options);
  } catch (error) {
    if (!(error instanceof NeverStarted)) throw error;
    unless(
      !/set(groups|res[gu]id)\(/.test(error.stderr),
      'id-not-mapped',
      'the process could not become id 0: the maps do not have it, or are not ' +
        'written\n' +
        'look at /proc/PID/uid_map while it waits: one line, "0 1000 1", id inside ' +
        `first. What it said: ${error.stderr}`,
    );
    throw error;
  }
}

async function ordinaryUser(subject: Subject): Promise<void> {
  const user = { uid: nobody, gid: nobody };
  await using running = await startAs({ ...subject, user });
  const { application } = running;
  unless(
    namespaceOf(application, 'user') !== namespaceOf('self', 'user'),
    'no-user-namespace',
    'the application is in the user namespace of the host\n' +
      '--map-root-user implies --user: is CLONE_NEWUSER among the flags?',
  );
  const gidMap = read(application, 'gid_map').trim();
  if (gidMap === '' && read(application, 'setgroups').trim() === 'allow') {
    diagnose('setgroups-first', setgroupsText);
  }
  checkMap(application, `0 ${nobody} 1`);
}

const setgroupsText =
  'the gid map was refused (EPERM), for setgroups is still allowed inside\n' +
  'a user who could give up a group could read what that group is shut out from. The ' +
  'kernel therefore wants "deny" in /proc/PID/setgroups before it takes an ordinary ' +
  "user's gid_map.";

async function startAs(subject: Subject): Promise<RunningSubject> {
  try {
    return await startSubject(subject, ['--map-root-user']);
  } catch (error) {
    if (error instanceof NeverStarted && /gid_map/.test(error.stderr)) {
      diagnose('setgroups-first', setgroupsText);
    }
    throw error;
  }
}

function checkMap(pid: number, wanted: string): void {
  const [inside, outside, count] = wanted.split(' ');
  const found = read(pid, 'uid_map').trim().split(/\s+/).join(' ');
  unless(
    found !== '',
    'no-maps',
    'the user namespace has no uid map: everybody inside is nobody (65534)\n' +
      `a process outside has to write "${wanted}" into /proc/${pid}/uid_map.`,
  );
  unless(
    found !== `${outside} ${inside} ${count}` || inside === outside,
    'maps-swapped',
    `the uid map is "${found}": ids outside and inside are swapped\n` +
      'the line reads: id inside, id outside, how many. As it stands the ordinary ' +
      'user inside would be root outside.',
  );
  unless(
    found === wanted,
    'other-map',
    `the uid map is "${found}" where "${wanted}" was asked for`,
  );
}
