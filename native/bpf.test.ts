/** A program on a group answers for its devices: which one, from when, and for how long. */
import { mkdirSync, rmdirSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'vitest';
import { record, settle } from '@slipway/lab';
import { check, type CheckContext } from '@slipway/lab/check.ts';
import { readMountinfo } from '@slipway/lab/proc/mountinfo.ts';
import { hasDeviceProgram, setDeviceProgram } from './bpf.ts';
import { collect, shell } from './process/collect.ts';

const needs = ['root', 'native', 'tool:busybox'] as const;

/** r0 = `answer`; exit. */
function always(answer: number): Uint8Array {
  return Uint8Array.from([0xb7, 0, 0, 0, answer, 0, 0, 0, 0x95, 0, 0, 0, 0, 0, 0, 0]);
}

/** A new group of version 2, removed with the test. */
function group({ hold, skip }: CheckContext): string {
  const mount = readMountinfo().find(({ type }) => type === 'cgroup2')?.mountPoint;
  if (mount === undefined) return skip('NOT RUN: no hierarchy of version 2 is mounted here');
  const folder = `${mount}/slipway-bpf-${process.pid}-${performance.now()}`;
  const id = record({ kind: 'cgroup', target: folder });
  mkdirSync(folder);
  hold({
    [Symbol.asyncDispose]: async () => {
      await remove(folder);
      settle(id);
    },
  });
  return folder;
}

/** The kernel answers EBUSY for a moment after the last process has died. */
async function remove(folder: string, tries = 100): Promise<void> {
  try {
    rmdirSync(folder);
  } catch (error) {
    if (tries === 0) throw error;
    await pause(20);
    await remove(folder, tries - 1);
  }
}

async function readZero(folder: string): Promise<string> {
  const script = 'busybox head -c 1 /dev/zero 2>&1 | busybox od -An -c';
  const { stdout } = await collect({ cgroups: [folder], program: [shell(script)] });
  return stdout.includes('\\0') ? 'read' : 'refused';
}

check('a program that says no refuses root a device', { needs }, async context => {
  const folder = group(context);
  expect(await readZero(folder)).toBe('read');
  setDeviceProgram(folder, always(0));
  expect(await readZero(folder)).toBe('refused');
});

check('a second program takes the place of the first', { needs }, async context => {
  const folder = group(context);
  expect(hasDeviceProgram(folder)).toBe(false);
  setDeviceProgram(folder, always(0));
  setDeviceProgram(folder, always(1));
  expect(hasDeviceProgram(folder)).toBe(true);
  expect(await readZero(folder)).toBe('read');
});

check('a group below can forbid more, and never allow more', { needs }, async context => {
  const above = group(context);
  const below = `${above}/below`;
  mkdirSync(below);
  context.hold({ [Symbol.asyncDispose]: () => remove(below) });
  setDeviceProgram(above, always(0));
  setDeviceProgram(below, always(1));
  expect(await readZero(below)).toBe('refused');
  setDeviceProgram(above, always(1));
  setDeviceProgram(below, always(0));
  expect(await readZero(below)).toBe('refused');
  setDeviceProgram(below, always(1));
  expect(await readZero(below)).toBe('read');
});

check('a program without an end is refused by the verifier', { needs }, context => {
  const folder = group(context);
  expect(() => setDeviceProgram(folder, always(1).slice(0, 8))).toThrow(/BPF_PROG_LOAD/);
  expect(hasDeviceProgram(folder)).toBe(false);
});

check('where there is no such group, that is said', { needs: ['native'] }, () => {
  expect(() => hasDeviceProgram('/sys/fs/cgroup/no-such-group')).toThrow(/ENOENT/);
});
