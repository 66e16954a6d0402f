/**
 * An engine of the bench's own: its data in a scratch folder, its socket there too.
 *
 * - startEngine(parent?)  → { api, pid, [Symbol.asyncDispose]() }
 *
 * It is a process of its own, started as a user starts it, and stopped by SIGTERM. Give it a
 * network namespace of its own: it makes a bridge.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, rmdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { scratchFolder } from '@slipway/lab';
import { connectTo, type Api } from './api.ts';

export interface Engine extends AsyncDisposable {
  readonly api: Api;
  readonly socket: string;
  readonly pid: number;
  /** What it has in memory, VmRSS of proc(5). */
  residentBytes(): number;
}

const program = `${import.meta.dirname}/../../final/bin/slipway.mjs`;

/**
 * @param parent where its folder is to be: which disk
 * @throws Error if it does not answer within ten seconds
 */
export async function startEngine(parent?: string): Promise<Engine> {
  await using undo = new AsyncDisposableStack();
  const { path: folder } = undo.use(scratchFolder(parent));
  undo.defer(removeEmptyHomes);
  const socket = `${folder}/socket`;
  const places = ['--data-root', `${folder}/data`, '--exec-root', `${folder}/exec`];
  const args = ['-H', `unix://${socket}`, ...places, '--pidfile', `${folder}/pid`];
  const child = spawn(process.execPath, [program, 'daemon', ...args], { stdio: 'ignore' });
  undo.defer(async () => {
    if (child.exitCode !== null) return;
    child.kill('SIGTERM');
    await once(child, 'exit');
  });
  const api = connectTo(socket);
  undo.defer(() => api.close());
  await answers(api);
  const pid = child.pid ?? 0;
  const held = undo.move();
  return {
    ...{ api, socket, pid },
    residentBytes: () => {
      const status = readFileSync(`/proc/${pid}/status`, 'utf8');
      return Number(/VmRSS:\s*(\d+)/.exec(status)?.[1] ?? Number.NaN) * 1024;
    },
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  };
}

/** The engine leaves the folder above its containers' groups, as Docker does; a bench does not. */
function removeEmptyHomes(): void {
  const top = '/sys/fs/cgroup';
  for (const place of ['', ...readdirSync(top)]) {
    try {
      rmdirSync(`${top}/${place}/docker`);
    } catch {
      // It is not there, or somebody else's containers are in it.
    }
  }
}

async function answers(api: Api): Promise<void> {
  for (let left = 100; left > 0; left -= 1) {
    try {
      await api.call('GET', '/_ping');
      return;
    } catch {
      await sleep(100);
    }
  }
  throw new Error('the engine does not answer');
}
