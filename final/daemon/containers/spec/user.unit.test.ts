import { expect, test } from 'vitest';
import { parseGroup, parsePasswd } from './accounts.ts';
import { resolveUser, type ResolvedUser } from './user.ts';

const accounts = {
  users: parsePasswd('root:x:0:0:root:/root:/bin/sh\nalice:x:1000:1000::/home/alice:/bin/sh\n#x:y'),
  groups: parseGroup('root:x:0:\ndaemon:x:1:\nalice:x:1000:\ncrew:x:2000:alice,bob\n'),
};
const as = (written: string, ...groupAdd: string[]): ResolvedUser =>
  resolveUser(written, groupAdd, accounts);

test('nobody said is root', () => {
  expect(as('')).toEqual({ uid: 0, gid: 0, additionalGids: [0], home: '/root' });
});

test('a user has his groups, by name and by number', () => {
  const alice = { uid: 1000, gid: 1000, additionalGids: [1000, 2000], home: '/home/alice' };
  expect(as('alice')).toEqual(alice);
  expect(as('1000')).toEqual(alice);
});

test('a number that nobody has is that number, in group 0', () => {
  expect(as('1234')).toEqual({ uid: 1234, gid: 0, additionalGids: [0], home: '/' });
  expect(as('1234:4321')).toMatchObject({ uid: 1234, gid: 4321, additionalGids: [4321] });
});

test('whoever names a group gets that one alone', () => {
  expect(as('alice:crew')).toMatchObject({ uid: 1000, gid: 2000, additionalGids: [2000] });
  expect(as(':crew')).toMatchObject({ uid: 0, gid: 2000, additionalGids: [2000] });
});

test('groups are added by name and by number', () => {
  expect(as('alice', 'daemon', '777').additionalGids).toEqual([1000, 2000, 1, 777]);
});

test('names that nobody has are refused', () => {
  const nobody = 'unable to find user bob: no matching entries in passwd file';
  expect(() => as('bob')).toThrow(nobody);
  expect(() => as('0:nosuch')).toThrow('unable to find group nosuch');
});

test('numbers that are no ids are refused', () => {
  for (const who of ['-1', '2147483648', '4294967295', '99999999999', '0:-1']) {
    expect(() => as(who)).toThrow('uids and gids must be in range 0-2147483647');
  }
});
