// Who a process in a container is: `--user` and `--group-add` by the container's own accounts.
//
//     alice   1000   alice:crew   1234:4321   :crew
//
// - `resolveUser(written, groupAdd, accounts)`: numbers, and the home folder
//
// A number without an entry is that number, with group 0 and / as its home. Whoever names a group
// gets that one alone. Source: the USER instruction; the rules are those of runc.

import { invalid, type Refusal } from '../../../engine/refusal.ts';
import { idOf, type Accounts, type User } from './accounts.ts';

export interface ResolvedUser {
  readonly uid: number;
  readonly gid: number;
  readonly additionalGids: readonly number[];
  readonly home: string;
}

/** @throws INVALID `unable to find user x: no matching entries in passwd file` */
export function resolveUser(
  written: string,
  groupAdd: readonly string[],
  accounts: Accounts,
): ResolvedUser {
  const [who = '', group = ''] = written.split(':', 2);
  const { user, uid } = findUser(who, accounts);
  const gid = group === '' ? (user?.gid ?? 0) : findGroup(group, accounts, 'unable to find group');
  const memberOf =
    user === undefined || group !== ''
      ? []
      : accounts.groups.filter(({ members }) => members.includes(user.name)).map(one => one.gid);
  const added = groupAdd.map(name => findGroup(name, accounts, 'Unable to find group'));
  return {
    uid,
    gid,
    additionalGids: [...new Set([gid, ...memberOf, ...added])],
    home: user?.home || '/',
  };
}

function findUser(
  who: string,
  { users }: Accounts,
): { readonly user: User | undefined; readonly uid: number } {
  const number = who === '' ? 0 : idOf(who);
  const named = who === '' ? undefined : users.find(({ name }) => name === who);
  const user = named ?? users.find(({ uid }) => uid === number);
  if (user !== undefined) return { user, uid: user.uid };
  if (number !== undefined) return { user: undefined, uid: number };
  throw unknown(who, `unable to find user ${who}: no matching entries in passwd file`);
}

function findGroup(group: string, { groups }: Accounts, complaint: string): number {
  const gid = groups.find(({ name }) => name === group)?.gid ?? idOf(group);
  if (gid !== undefined) return gid;
  throw unknown(group, `${complaint} ${group}: no matching entries in group file`);
}

/** A number that is no id is not looked for by its name. */
function unknown(written: string, complaint: string): Refusal {
  const isNumber = /^[+-]?\d+$/.test(written);
  return invalid(isNumber ? 'uids and gids must be in range 0-2147483647' : complaint);
}
