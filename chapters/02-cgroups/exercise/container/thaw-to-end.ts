// Made from ../../container/thaw-to-end.ts by `npm run generate`. It leaves out one part: yours.
// See how far you are, in the folder of the chapter: SUBJECT=exercise/run.ts npm test
//
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
    // YOUR PART thaw-to-end: The signal is passed on, and whoever is frozen will not
    // act upon it. What has to be done to the group so that the container can end?
  };
  for (const signal of ending) process.on(signal, thaw);
  return {
    [Symbol.dispose]: () => {
      for (const signal of ending) process.off(signal, thaw);
    },
  };
}
// As made: 591d7dad
