/** A worker of Node that ends while it waits takes its watches down, and nothing crashes. */
import { execFileSync } from 'node:child_process';
import { expect } from 'vitest';
import { check } from '@slipway/lab/check.ts';

const needs = ['native', 'tool:busybox'] as const;

const folder = JSON.stringify(import.meta.dirname);

/** In a worker: starts a container, says its pid, and waits for it. */
const inWorker = `
  const { parentPort } = require('node:worker_threads');
  (async () => {
    const { spawn } = await import(${folder} + '/spawn.ts');
    const { sleeper } = await import(${folder} + '/collect.ts');
    const child = await spawn({ program: [sleeper], stdio: ['null', 'null', 'null'] });
    parentPort.postMessage(child.pid);
    await child.wait();
  })();`;

/** Around it: ends a dozen such workers, and waits until their containers have ended. */
const script = `
  import { once } from 'node:events';
  import { Worker } from 'node:worker_threads';
  const { openPidfd } = await import(${folder} + '/../index.ts');
  const { whenReadable } = await import(${folder} + '/../binding.ts');
  for (let round = 0; round < 12; round++) {
    const worker = new Worker(${JSON.stringify(inWorker)}, { eval: true, execArgv: [] });
    const [pid] = await once(worker, 'message');
    const held = openPidfd(pid);
    await worker.terminate();
    await whenReadable(held.descriptor);
    console.log('gone');
  }`;

check('a worker that is ended while it waits takes its container along', { needs }, () => {
  // The kernel's "parent" is the thread that started it. In a Node of its own: the statuses of
  // these containers are nobody's to take until it ends.
  const output = execFileSync(process.execPath, ['--input-type=module', '-e', script], {
    encoding: 'utf8',
  });
  expect(output).toBe('gone\n'.repeat(12));
});
