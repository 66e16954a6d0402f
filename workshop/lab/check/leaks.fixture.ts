/**
 * For check.test.ts, which runs this file with a test runner of its own: most of these must fail.
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { check } from '../check.ts';
import { record } from '../ledger.ts';

const needs = ['root'] as const;

check('leaks a recorded folder', { needs }, () => {
  const target = join('/tmp', `slipway-${process.pid}-leaked`);
  record({ kind: 'directory', target });
  mkdirSync(target);
});

check('leaks a link', { needs }, ({ onTestFinished }) => {
  execFileSync('ip', ['link', 'add', 'slipcheck0', 'type', 'bridge']);
  onTestFinished(() => void execFileSync('ip', ['link', 'delete', 'slipcheck0']));
  expect(1).toBe(1);
});

check('fails and leaks a process', { needs }, async ({ onTestFinished }) => {
  const child = spawn('sleep', ['1000'], { stdio: 'ignore' });
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child, 'spawn');
  expect('the claim').toBe('so');
});

const folders: string[] = [];

check('has a folder and never ends', { timeoutMs: 500 }, async ({ scratch }) => {
  folders.push(await scratch());
  await new Promise(() => undefined);
});

check('its folder has gone', () => {
  expect(folders.map(folder => existsSync(folder))).toEqual([false]);
});

check('cannot run', { needs: ['tool:no-such-tool'] }, () => {
  expect.unreachable();
});

check('is clean', { needs }, async ({ scratch, hold }) => {
  const folder = await scratch();
  const child = spawn('sleep', ['1000'], { stdio: 'ignore', cwd: folder });
  hold({
    [Symbol.dispose]: () => void child.kill('SIGKILL'),
  });
  expect(folder).toMatch(/^\/tmp\/slipway-/);
});
