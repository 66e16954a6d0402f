/** The init is one file in memory that nobody can change, not even root inside a container. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { check } from '@slipway/lab/check.ts';
import { native } from '../../binding.ts';
import { finish, shell, sleeper } from '../../process/collect.ts';
import { enter } from '../../process/enter.ts';
import { step } from '../../program/program.ts';
import { spawn } from '../../process/spawn.ts';

const needs = ['root', 'native', 'tool:busybox'] as const;
const binary = `${import.meta.dirname}/../../dist/slipway-init`;

function digest(): string {
  return createHash('sha256').update(readFileSync(binary)).digest('hex');
}

check('root in a container cannot write into the init that started it', { needs }, async () => {
  const before = digest();
  const kinds = ['pid', 'mount'] as const;
  const script = `
    head -c4 /proc/1/exe | tail -c3; echo
    echo overwritten > /proc/1/exe && echo written
    dd if=/dev/zero of=/proc/1/exe bs=1 count=1 conv=notrunc && echo written
    true > /proc/1/exe && echo truncated`;
  let told = { stdout: '', stderr: '' };
  await using container = await spawn({
    namespaces: kinds,
    program: [step.setPropagation('private'), step.mountProc(), step.barrier('attack'), sleeper],
    stdio: ['null', 'null', 'null'],
    onBarrier: async (_, child) => {
      const target = { pidfd: child.pidfd, namespaces: kinds };
      const stdio = ['null', 'pipe', 'pipe'] as const;
      told = await finish(await enter({ target, program: [shell(script)], stdio }));
    },
  });
  expect(told.stdout).toBe('ELF\n');
  expect(told.stderr.match(/Text file busy|Operation not permitted/g)).toHaveLength(3);
  // It was not harmed: it went on behind the barrier.
  expect(container.kill(0)).toBe(true);
  expect(digest()).toBe(before);
});

check('a sealed program refuses every change through its descriptor', { needs }, async () => {
  const { writeSync, ftruncateSync } = await import('node:fs');
  const descriptor = native().sealProgram(binary);
  try {
    expect(() => writeSync(descriptor, 'x')).toThrow(/EPERM/);
    expect(() => ftruncateSync(descriptor, 0)).toThrow(/EPERM|EINVAL/);
  } finally {
    native().close(descriptor);
  }
});
