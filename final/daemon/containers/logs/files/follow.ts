// When a log that is being written has more: told by inotify, and looked after once a second.
//
// - `watchLog(folder, ended)`: `.changed()` resolves when there may be more to read, or at the end
//
// The watch is armed before the reader looks, so nothing that is written in between is missed.

import { watch, type FSWatcher } from 'node:fs';

export interface LogWatch extends Disposable {
  /** False once the writer has ended: one more look, and that was all. */
  changed(): Promise<boolean>;
}

/** Watches can be missing where the kernel's number of them is used up. */
const lookMs = 1000;

/** @param ended resolves when nobody writes any more */
export function watchLog(folder: string, ended: Promise<unknown>, signal: AbortSignal): LogWatch {
  let isDone = signal.aborted;
  let hasNews = false;
  let wake: (() => void) | undefined;
  const tell = (): void => {
    hasNews = true;
    wake?.();
  };
  const finish = (): void => {
    isDone = true;
    tell();
  };
  void ended.then(finish, finish);
  signal.addEventListener('abort', finish);
  const timer = setInterval(tell, lookMs);
  timer.unref();
  const watcher = tryWatch(folder, tell);
  return {
    changed: async () => {
      if (!hasNews && !isDone) await new Promise<void>(resolve => (wake = resolve));
      hasNews = false;
      return !isDone;
    },
    [Symbol.dispose]: () => {
      signal.removeEventListener('abort', finish);
      clearInterval(timer);
      watcher?.close();
    },
  };
}

function tryWatch(folder: string, tell: () => void): FSWatcher | undefined {
  try {
    const watcher = watch(folder, { persistent: false }, tell);
    watcher.on('error', () => watcher.close());
    return watcher;
  } catch {
    return undefined;
  }
}
