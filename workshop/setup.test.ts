/**
 * Set-up as a new user meets it: run for real, in a mount namespace in which tools are hidden.
 *
 * A tool is hidden by binding /dev/null over it; the namespace ends with the command. A terminal is
 * made by script(1).
 */
import { spawnSync } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { check } from '@slipway/lab/check.ts';
import { expect, test } from 'vitest';
import { findTool, root } from './setup/tools.mjs';

interface Result {
  readonly status: number | null;
  readonly output: string;
}

const setUp = `${process.execPath} workshop/setup.mjs`;

function run(program: string, args: readonly string[], input = ''): Result {
  const result = spawnSync(program, args, { cwd: root, encoding: 'utf8', input });
  return { status: result.status, output: `${result.stdout}${result.stderr}` };
}

function without(...tools: readonly string[]): readonly string[] {
  const hide = tools.flatMap(tool => {
    const file = findTool(tool);
    return file === undefined ? [] : [`mount --bind /dev/null ${realpathSync(file)}`];
  });
  return ['--mount', 'sh', '-c', [...hide, `exec ${setUp}`].join(' && ')];
}

const setUpWithout = (...tools: readonly string[]): Result => run('unshare', without(...tools));

check('when nothing is to be done, nothing is said', { needs: ['root'] }, () => {
  expect(setUpWithout().status).toBe(0);
  expect(setUpWithout()).toEqual({ status: 0, output: '' });
});

check('without apt-get a missing package is named with its use', { needs: ['root'] }, () => {
  expect(setUpWithout('nft', 'apt-get')).toEqual({
    status: 0,
    output:
      'set-up: missing: nftables (the host guard and chapter 06)\n' +
      'set-up: no apt-get here -> install what your system calls: nftables\n',
  });
});

check('a busybox that is not there is missing too', { needs: ['root'] }, () => {
  expect(setUpWithout('busybox', 'apt-get').output).toContain('missing: busybox-static');
});

check('who sits at the terminal is asked, and may say no', { needs: ['root'] }, () => {
  const [, , , script = ''] = without('nft');
  // Quoted once more: script(1) gives its command to a shell.
  const command = `unshare --mount sh -c '${script}'`;
  const { status, output } = run('script', ['-qec', command, '/dev/null'], 'n\n');
  expect(output).toContain('install nftables with apt-get? [y/N]');
  expect(output).toContain('left out; what needs them will say NOT RUN');
  expect(status).toBe(0);
});

check('who is not root gets the one line to run', { needs: ['root'] }, () => {
  const [, , , script = ''] = without('nft');
  // The checkout may lie where others cannot read: this one right goes along.
  const right = '--inh-caps=+dac_read_search --ambient-caps=+dac_read_search';
  const nobody = `setpriv --reuid=65534 --regid=65534 --clear-groups ${right}`;
  const { output } = run('unshare', [
    '--mount',
    'sh',
    '-c',
    script.replace('exec', `exec ${nobody}`),
  ]);
  expect(output).toContain('set-up: not root -> sudo apt-get install nftables\n');
});

check('without npm the one line says what to run', { needs: ['root'] }, () => {
  expect(setUpWithout('npm')).toEqual({
    status: 1,
    output: 'set-up: npm is missing -> sudo apt-get install npm\n',
  });
});

test.for(['darwin', 'win32'])('on %s it points to the virtual machine', platform => {
  const pretend = `Object.defineProperty(process, 'platform', { value: '${platform}' });`;
  const args = ['--import', `data:text/javascript,${pretend}`, 'workshop/setup.mjs'];
  expect(run(process.execPath, args)).toEqual({
    status: 1,
    output:
      'set-up: containers need a Linux kernel, and this is not one -> vagrant up && vagrant ssh\n',
  });
});
