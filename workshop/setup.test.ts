/**
 * Set-up as a new user meets it: run for real, in a mount namespace in which tools are hidden.
 *
 * A tool is hidden by binding /dev/null over it; the namespace ends with the command.
 */
import { spawnSync } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { check } from '@slipway/lab/check.ts';
import { expect } from 'vitest';
import { findTool, root } from './setup/tools.mjs';

interface Result {
  readonly status: number | null;
  readonly output: string;
}

function setUpWithout(...tools: readonly string[]): Result {
  const hide = tools.flatMap(tool => {
    const file = findTool(tool);
    return file === undefined ? [] : [`mount --bind /dev/null ${realpathSync(file)}`];
  });
  const script = [...hide, `exec ${process.execPath} workshop/setup.mjs`].join(' && ');
  const result = spawnSync('unshare', ['--mount', 'sh', '-c', script], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return { status: result.status, output: `${result.stdout}${result.stderr}` };
}

check('when nothing is to be done, nothing is said', { needs: ['root'] }, () => {
  expect(setUpWithout().status).toBe(0);
  expect(setUpWithout()).toEqual({ status: 0, output: '' });
});

check(
  'a missing package is named with what needs it, and the rest goes on',
  { needs: ['root'] },
  () => {
    expect(setUpWithout('nft', 'apt-get')).toEqual({
      status: 0,
      output:
        'set-up: missing: nftables (the host guard and chapter 06)\n' +
        'set-up: no apt-get here -> install what your system calls: nftables\n',
    });
  },
);

check('a busybox that is not there is missing too', { needs: ['root'] }, () => {
  expect(setUpWithout('busybox', 'apt-get').output).toContain('missing: busybox-static');
});

check('without npm the one line says what to run', { needs: ['root'] }, () => {
  expect(setUpWithout('npm')).toEqual({
    status: 1,
    output: 'set-up: npm is missing -> sudo apt-get install npm\n',
  });
});
