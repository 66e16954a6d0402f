// Memory that is short in a control group, told when it happens.
//
// - `onShortage(folder, told)`: each time that the kernel ends a process because of the limit, or
//   lets it wait where it is to end nobody, until the group is gone
//
// Version 1 counts into a descriptor that is named in `cgroup.event_control`, and once more when
// the group goes. Version 2 has a file that changes; its watch ends when it is disposed of.
// Sources: cgroup-v1/memory.rst "OOM Control", cgroup-v2.rst "memory.events", eventfd(2).

import { closeSync, existsSync, openSync, readSync, watch, writeFileSync } from 'node:fs';
import { call, native, whenReadable } from './binding.ts';

/** @throws SyscallError, or an error of `fs`, where the group has gone or counts no memory */
export function onShortage(folder: string, told: () => void): Disposable {
  if (existsSync(`${folder}/memory.events`)) {
    const watcher = watch(`${folder}/memory.events`, { persistent: false }, told);
    watcher.on('error', () => watcher.close());
    return { [Symbol.dispose]: () => watcher.close() };
  }
  const counter = call(() => native().eventCounter());
  try {
    const control = openSync(`${folder}/memory.oom_control`, 'r');
    try {
      writeFileSync(`${folder}/cgroup.event_control`, `${counter} ${control}`);
    } finally {
      closeSync(control);
    }
  } catch (error) {
    closeSync(counter);
    throw error;
  }
  void count(counter, folder, told);
  return { [Symbol.dispose]: () => undefined };
}

/** The kernel wakes it a last time when the group goes. */
async function count(counter: number, folder: string, told: () => void): Promise<void> {
  const eight = Buffer.alloc(8);
  try {
    for (;;) {
      await whenReadable(counter);
      readSync(counter, eight);
      if (!existsSync(folder)) return;
      told();
    }
  } finally {
    closeSync(counter);
  }
}
