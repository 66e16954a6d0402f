// Who runs the experiments: root, or an ordinary user with a user namespace.
//
// - `unshare(…)`, `nsenter(pid, …)`: the words of a command that this user may type
// - `asUser(…)`: words for an ordinary user only
// - `toIsolate`: what an experiment needs in order to make namespaces at all
//
// Root may make every kind. Anybody may make the kind `user`, and is root inside of it;
// so an ordinary user asks for that one first, and then goes the same way.

import type { Requirement } from '@slipway/lab';

/** Whether the kernel lets us make namespaces without a user namespace around them. */
export function isRoot(): boolean {
  return process.geteuid?.() === 0;
}

/** `words` for an ordinary user, nothing for root. */
export function asUser(...words: readonly string[]): readonly string[] {
  return isRoot() ? [] : words;
}

/** unshare(1) with these options. */
export function unshare(...options: readonly string[]): readonly string[] {
  return ['unshare', ...asUser('--map-root-user'), ...options];
}

/** nsenter(1) into these namespaces of a process. */
export function nsenter(pid: number, ...options: readonly string[]): readonly string[] {
  const first = asUser('--user', '--preserve-credentials');
  return ['nsenter', '--target', String(pid), ...first, ...options];
}

/** Needed by every experiment that makes a namespace. */
export const toIsolate: readonly Requirement[] = [
  'native',
  'tool:unshare',
  'tool:busybox',
  ...(isRoot() ? [] : (['user-namespace'] as const)),
];
