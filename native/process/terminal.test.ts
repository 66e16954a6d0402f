/** A terminal of the container's own, as a person at a keyboard meets it. */
import { once } from 'node:events';
import { expect } from 'vitest';
import { check } from '@slipway/lab/check.ts';
import type { Child } from './child.ts';
import { path, shell } from './collect.ts';
import { step, type Step } from '../program/program.ts';
import { spawn } from './spawn.ts';

const needs = ['root', 'native', 'tool:busybox'] as const;

/** Its own devpts, so that the host's terminals are left alone. */
const terminal = (rows: number, columns: number): readonly Step[] => [
  step.setPropagation('private'),
  step.mountProc(),
  step.mount('devpts', '/dev/pts', 'devpts', { data: 'newinstance,ptmxmode=0666,mode=0620' }),
  step.openTerminal(rows, columns),
];

const start = (application: Step, rows = 30, columns = 100): Promise<Child> =>
  spawn({
    namespaces: ['mount', 'pid'],
    program: [...terminal(rows, columns), application],
    stdio: ['null', 'null', 'null'],
  });

/** Types at a terminal, and waits for words to appear on it. */
function keyboard(child: Child) {
  const stream = child.terminal?.stream;
  if (stream === undefined) throw new Error('the child has no terminal');
  let seen = '';
  let look = (): void => undefined;
  stream.on('data', (bytes: Buffer) => {
    seen += bytes.toString();
    look();
  });
  // The last process has closed the other side: the kernel says EIO, and that is the end.
  stream.on('error', () => undefined);
  stream.resume();
  return {
    type: (keys: string): void => void child.terminal?.stream.write(keys),
    async waitFor(pattern: RegExp): Promise<string> {
      for (;;) {
        const found = pattern.exec(seen);
        if (found !== null) {
          seen = seen.slice(found.index + found[0].length);
          return found[1] ?? found[0];
        }
        const { promise, resolve } = Promise.withResolvers<void>();
        look = resolve;
        await promise;
      }
    },
  };
}

check('inside, tty names a terminal of its own devpts, and it controls', { needs }, async () => {
  await using child = await start(shell('tty; ps -o pid,tty,comm; stty size; echo the end'));
  const keys = keyboard(child);
  expect(await keys.waitFor(/^(.*)\r\n/)).toBe('/dev/pts/0');
  expect(await keys.waitFor(/ *1 +(\S+) /)).toBe('136,0');
  expect(await keys.waitFor(/(\d+ \d+)\r\n/)).toBe('30 100');
  await keys.waitFor(/the end/);
  expect(await child.wait()).toEqual({ code: 0 });
});

check('a new size is seen inside, and SIGWINCH tells of it', { needs }, async () => {
  const script = 'trap "stty size" WINCH; echo ready; while :; do sleep 0.05; done';
  await using child = await start(shell(script));
  const keys = keyboard(child);
  await keys.waitFor(/ready/);
  child.terminal?.resize(50, 132);
  expect(await keys.waitFor(/(\d+ \d+)\r\n/)).toBe('50 132');
});

check('Ctrl-C interrupts what runs in front, and not the shell', { needs }, async () => {
  await using child = await start(step.exec(['busybox', 'sh', '-i'], [path, 'PS1=ask> ']));
  const keys = keyboard(child);
  await keys.waitFor(/ask> /);
  keys.type('sleep 1000\r');
  await keys.waitFor(/1000\r\n/);
  // The kernel sends the signal to the group in front: that has to be the sleep by then.
  await new Promise(resolve => setTimeout(resolve, 200));
  keys.type('\x03');
  await keys.waitFor(/ask> /);
  keys.type('echo status $?\r');
  expect(await keys.waitFor(/status (\d+)\r\n/)).toBe('130');
  keys.type('exit 7\r');
  expect(await child.wait()).toEqual({ code: 7 });
});

check('job control works: stop, list, go on, end', { needs }, async () => {
  await using child = await start(step.exec(['busybox', 'sh', '-i'], [path, 'PS1=ask> ']));
  const keys = keyboard(child);
  await keys.waitFor(/ask> /);
  keys.type('sleep 1000\r');
  await keys.waitFor(/1000\r\n/);
  await new Promise(resolve => setTimeout(resolve, 200));
  keys.type('\x1a');
  await keys.waitFor(/Stopped/);
  keys.type('jobs\r');
  await keys.waitFor(/\[1\].*Stopped.*sleep 1000/);
  keys.type('bg; kill %1; wait; jobs; echo answer: $((6 * 7))\r');
  await keys.waitFor(/answer: 42/);
  await keys.waitFor(/ask> /);
  keys.type('\x04');
  expect(await child.wait()).toEqual({ code: 0 });
});

check('when the terminal is closed outside, the session is hung up', { needs }, async () => {
  await using child = await start(
    shell('trap "exit 9" HUP; echo ready; while :; do sleep 1; done'),
  );
  const keys = keyboard(child);
  await keys.waitFor(/ready/);
  child.terminal?.stream.destroy();
  expect(await child.wait()).toEqual({ code: 9 });
});

check('a program that starts no terminal has none', { needs }, async () => {
  await using child = await spawn({ program: [shell('true')], stdio: ['null', 'null', 'null'] });
  expect(child.terminal).toBeUndefined();
});

check('signals reach an application that handles them', { needs }, async () => {
  await using child = await spawn({
    namespaces: ['pid'],
    program: [shell('trap "exit 3" USR1; echo ready; while :; do sleep 0.05; done')],
    stdio: ['null', 'pipe', 'null'],
  });
  // PID 1 gets only the signals that it has a handler for: it has to have set it up.
  if (child.stdout !== undefined) await once(child.stdout, 'data');
  child.kill('SIGUSR1');
  expect(await child.wait()).toEqual({ code: 3 });
});
