// Namespaces as the kernel shows them: eight views of a process, each with an inode.
//
// - `kinds`: the eight, with what each isolates and since which Linux
// - `readNamespaces(pid)`: the namespaces that a process is in
// - `differing(a, b)`: the kinds in which two processes have another view
//
// Two processes share a view exactly if /proc/PID/ns/KIND leads to the same inode.
// Sources: namespaces(7), proc_pid_ns(5).

import { readlinkSync } from 'node:fs';
import { namespaceKinds, type Namespace } from '@slipway/native';

export interface Kind {
  readonly kind: Namespace;
  /** Its name in /proc/PID/ns. */
  readonly link: string;
  /** The flag for clone, unshare and setns. */
  readonly flag: string;
  readonly isolates: string;
  /** The first Linux that had it whole. */
  readonly since: string;
}

// #region kinds
export const kinds: readonly Kind[] = [
  row('cgroup', 'CLONE_NEWCGROUP', '4.6', 'the root of the control-group tree'),
  row('ipc', 'CLONE_NEWIPC', '2.6.19', 'System V IPC, POSIX message queues'),
  row('mount', 'CLONE_NEWNS', '2.4.19', 'the table of mounts'),
  row('net', 'CLONE_NEWNET', '2.6.29', 'network devices, addresses, routes, ports'),
  row('pid', 'CLONE_NEWPID', '2.6.24', 'process numbers'),
  row('time', 'CLONE_NEWTIME', '5.6', 'the monotonic and the boot-time clock'),
  row('user', 'CLONE_NEWUSER', '3.8', 'user and group numbers, capabilities'),
  row('uts', 'CLONE_NEWUTS', '2.6.19', 'host name and NIS domain name'),
];
// #endregion

/** The inode of each namespace that a process is in. */
export type Views = ReadonlyMap<Namespace, number>;

/**
 * The namespaces of `pid`; a kind that this kernel lacks is missing in the map.
 *
 * @throws Error ENOENT if there is no such process, EACCES if it is another user's
 */
export function readNamespaces(pid: number | 'self'): Views {
  const views = new Map<Namespace, number>();
  for (const kind of namespaceKinds) {
    const inode = readInode(`/proc/${pid}/ns/${linkName(kind)}`);
    if (inode !== undefined) views.set(kind, inode);
  }
  if (views.size === 0) {
    throw new Error(`there is no process ${pid}: see ps for those that are there`);
  }
  return views;
}

/** The kinds in which `a` and `b` are not in the same namespace. */
export function differing(a: Views, b: Views): readonly Namespace[] {
  return namespaceKinds.filter(kind => a.get(kind) !== b.get(kind));
}

/** The name in /proc/PID/ns of a kind. */
export function linkName(kind: Namespace): string {
  return kind === 'mount' ? 'mnt' : kind;
}

/** The number in a link such as `pid:[4026531836]`. */
function readInode(path: string): number | undefined {
  try {
    const inode = /\[(\d+)\]$/.exec(readlinkSync(path))?.[1];
    return inode === undefined ? undefined : Number(inode);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      return undefined;
    }
    throw error;
  }
}

function row(kind: Namespace, flag: string, since: string, isolates: string): Kind {
  return { kind, link: linkName(kind), flag, isolates, since };
}
