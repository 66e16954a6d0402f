/** What somebody who is not root can start, with nothing but a user namespace. */
import { execFileSync } from 'node:child_process';
import { expect } from 'vitest';
import { check } from '@slipway/lab/check.ts';

const needs = ['user-namespace', 'native', 'tool:busybox'] as const;
const nobody = 65534;

/** What user.fixture.ts says, run by somebody who is not root. */
function asUser(what: string): Readonly<Record<string, unknown>> {
  const isRoot = process.geteuid?.() === 0;
  const output = execFileSync(process.execPath, [`${import.meta.dirname}/user.fixture.ts`, what], {
    encoding: 'utf8',
    cwd: '/',
    ...(isRoot && { uid: nobody, gid: nobody }),
  });
  return JSON.parse(output) as Readonly<Record<string, unknown>>;
}

check('all eight namespaces, uid 0 inside, its own /proc and host name', { needs }, () => {
  const { stdout, status, outside } = asUser('all');
  expect(stdout).toBe('0 1 box busybox\n');
  expect(status).toEqual({ code: 0 });
  expect(outside).not.toBe(0);
});

check('without a user namespace the hint says what to do', { needs }, () => {
  expect(asUser('no-user').message).toMatch(
    /^clone3\(flags \w+\): EPERM: new namespaces need root \(CAP_SYS_ADMIN\); without it add a user/,
  );
});

check('groups cannot be given up where setgroups is denied', { needs }, () => {
  expect(asUser('groups').message).toMatch(
    /^step 1 \(setIds\): setgroups\(0, \[\]\): EPERM: setgroups is denied in this user namespace/,
  );
});

check('a container of its own is entered, the user namespace first', { needs }, () => {
  expect(asUser('enter').stdout).toBe('0 box\n');
});
