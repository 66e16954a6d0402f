/**
 * Each kind of namespace, tried: `unshare` makes one and `true` runs in it.
 *
 * - namespaceRows(attempt, isRoot)   one row a kind, and one for users without privileges
 *
 * Without root the others are tried inside a user namespace, which is how the workshop makes them.
 */
import type { Attempt } from './attempt.ts';
import { must, type Row, should } from './row.ts';

const needed = ['pid', 'mount', 'uts', 'ipc', 'net'];
const wanted = ['user', 'cgroup', 'time'];

const since: Readonly<Record<string, string>> = { cgroup: '4.6', time: '5.6' };

export function namespaceRows(attempt: Attempt, isRoot: boolean): readonly Row[] {
  const tried = (kind: string): string | undefined => {
    const inside = isRoot || kind === 'user' ? [] : ['--user', '--map-root-user'];
    const failure = attempt(['unshare', ...inside, `--${kind}`, '--fork', 'true']);
    return failure === undefined
      ? undefined
      : `cannot be made (${failure}): ${todo(kind, failure)}`;
  };
  return [
    ...needed.map(kind => must(`namespace ${kind}`, 'can be made', tried(kind))),
    ...wanted.map(kind => should(`namespace ${kind}`, 'can be made', tried(kind))),
    should('user, unprivileged', 'can be made', withoutRoot(attempt, isRoot)),
  ];
}

/** EINVAL is the answer to a flag that the kernel does not know; what else it says, it will not. */
function todo(kind: string, failure: string): string {
  if (kind in since && /invalid/i.test(failure)) return `use Linux ${since[kind]} or later`;
  return 'run it with sudo; a container or a policy may forbid it even to root';
}

/** Root sees how it is for others by becoming nobody in particular. */
function withoutRoot(attempt: Attempt, isRoot: boolean): string | undefined {
  const become = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];
  const make = ['unshare', '--user', '--map-root-user', 'true'];
  const failure = attempt(isRoot ? [...become, ...make] : make);
  if (failure === undefined) return undefined;
  return `refused (${failure}): sudo sysctl -w kernel.unprivileged_userns_clone=1`;
}
