/** Signals to run.ts are signals to the application; nobody is locked in by a deaf PID 1. */
import { spawn } from 'node:child_process';
import { check } from '@slipway/lab/check.ts';
import { startSubject, ourSubject } from '@slipway/lab/checkpoint.ts';
import { expect } from 'vitest';

const subject = ourSubject(`${import.meta.dirname}/../run.ts`);
const needs = ['root', 'native', 'tool:busybox'] as const;

check(
  'a signal reaches the application, and its answer is the status',
  { needs },
  async () => {
    const [program = '', ...words] = subject.command;
    const script = 'trap "exit 9" TERM; echo ready; while :; do sleep 0.1; done';
    const child = spawn(program, [
      ...words,
      '--pid',
      '--mount',
      '--',
      'sh',
      '-c',
      script,
    ]);
    child.stdout.once('data', () => child.kill('SIGTERM'));
    const status = await new Promise(resolve => child.once('exit', resolve));
    expect(status).toBe(9);
  },
);

check('the third interrupt ends a PID 1 that ignores them', { needs }, async () => {
  await using running = await startSubject(subject, ['--pid', '--mount']);
  // One after the other: signals that wait are not counted.
  for (let sent = 0; sent < 3; sent += 1) {
    process.kill(running.pid, 'SIGINT');
    await new Promise(resolve => setTimeout(resolve, 100));
  }
  expect((await running.ended()).status).toBe(137);
});
