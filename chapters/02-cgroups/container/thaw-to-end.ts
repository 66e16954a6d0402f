// A container that is paused, and somebody who wants it to end.
//
// - `thawToEnd(group)`: from now on a signal that asks us to end thaws the group;
//   disposing undoes that
//
// chapter 01 passes the signal on. A frozen process cannot act upon it: of version 1
// not even upon SIGKILL. So without this Ctrl-C would wait for somebody's `resume`.
// Source: freezer-subsystem.rst in the kernel's documentation.

import type { Group } from '../group/group.ts';

const ending: readonly NodeJS.Signals[] = ['SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGTERM'];

export function thawToEnd(group: Group): Disposable {
  // Who may not make groups has none that could be frozen.
  if (group.directoryOf('freezer') === undefined) return { [Symbol.dispose]: () => {} };
  const thaw = (): void => {
    // #hole thaw-to-end: The signal is passed on, and whoever is frozen will not act
    // upon it. What has to be done to the group so that the container can end?
    group.thaw().catch((error: unknown) => {
      process.stderr.write(`slipway: ${String(error)}\n`);
    });
    // #instead
    // #endhole
  };
  for (const signal of ending) process.on(signal, thaw);
  return {
    [Symbol.dispose]: () => {
      for (const signal of ending) process.off(signal, thaw);
    },
  };
}
