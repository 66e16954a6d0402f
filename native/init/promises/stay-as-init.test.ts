/** PID 1 that stays: it reaps orphans, passes signals on, and ends as its application does. */
import { once } from 'node:events';
import { expect } from 'vitest';
import { check } from '@slipway/lab/check.ts';
import { collect, path, shell } from '../../process/collect.ts';
import { step } from '../../program/program.ts';
import { spawn } from '../../process/spawn.ts';

const needs = ['root', 'native', 'tool:busybox'] as const;
const before = [step.setPropagation('private'), step.mountProc(), step.stayAsInit()];
const namespaces = ['pid', 'mount'] as const;

check('the application is process 2, and process 1 is the init', { needs }, async () => {
  const { stdout, status } = await collect({
    namespaces,
    program: [...before, shell('echo $$; cat /proc/1/comm; exit 6')],
  });
  expect(stdout).toBe('2\nslipway-init\n');
  expect(status).toEqual({ code: 6 });
});

check('orphans become its children and leave no zombies', { needs }, async () => {
  const script = `
    for n in 1 2 3; do (sleep 0.01 &); done
    for n in 1 2 3 4 5 6 7 8 9; do
      sleep 0.1
      grep -hE "^State:.*Z" /proc/[0-9]*/status || exec echo none
    done`;
  const { stdout } = await collect({ namespaces, program: [...before, shell(script)] });
  expect(stdout.trim().split('\n').at(-1)).toBe('none');
});

check(
  'a signal to it is passed on; the application without a handler ends',
  { needs },
  async () => {
    await using child = await spawn({
      namespaces,
      program: [...before, shell('echo ready; exec sleep 1000')],
      stdio: ['null', 'pipe', 'null'],
    });
    if (child.stdout !== undefined) await once(child.stdout, 'data');
    child.kill('SIGTERM');
    expect(await child.wait()).toEqual({ code: 128 + 15 });
  },
);

check('the application has none of its signals blocked', { needs }, async () => {
  const grep = ['busybox', 'grep', '-E', '^Sig(Blk|Ign)', '/proc/self/status'];
  const program = [...before, step.exec(grep, [path])];
  const { stdout } = await collect({ namespaces, program });
  expect(stdout.match(/0{16}/g)).toHaveLength(2);
});

check(
  'PID 1 shows as an init of that application, and its program is gone',
  { needs },
  async () => {
    const script = 'tr "\\0" " " </proc/1/cmdline; echo; tr -d "\\0" </proc/1/environ | wc -c';
    const { stdout } = await collect({ namespaces, program: [...before, shell(script)] });
    expect(stdout).toMatch(/^slipway-init -- busybox sh -c tr .*\n\d+\n$/);
    expect(stdout).not.toContain('stayAsInit');
  },
);
