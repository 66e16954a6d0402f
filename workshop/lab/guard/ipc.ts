/**
 * System V queues, semaphores and shared memory of our own IPC namespace, from /proc/sysvipc, and
 * POSIX message queues where they are mounted. They belong to no process and outlive all of them.
 */
import { readFileSync, readdirSync } from 'node:fs';
import type { Fact, Kind } from './state.ts';

export const ipc: Kind = {
  name: 'ipc',
  read() {
    const facts: Record<string, Fact> = {};
    for (const sort of ['msg', 'sem', 'shm'])
      for (const line of lines(`/proc/sysvipc/${sort}`).slice(1)) {
        const [key, id] = line.trim().split(/\s+/);
        if (id !== undefined) facts[`${sort} ${id}`] = { value: `key ${key}` };
      }
    for (const name of queues()) facts[`queue /${name}`] = { value: '' };
    return facts;
  },
};

function lines(path: string): string[] {
  try {
    return readFileSync(path, 'utf8').trim().split('\n');
  } catch {
    return []; // a kernel without System V IPC
  }
}

function queues(): string[] {
  try {
    return readdirSync('/dev/mqueue');
  } catch {
    return [];
  }
}
