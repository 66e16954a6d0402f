/**
 * The namespaces of a process, by their inode numbers, and its root.
 *
 * - viewOf(pid, kind)       `uts:[4026531838]`, or '' when it is gone
 * - sharesView(pid, kind)   whether the machine (the guide's own process) has the same
 * - inodeOf(path)         `device:number`, through whatever links and mounts; undefined: not there
 */
import { readlinkSync, statSync } from 'node:fs';

export type View = 'cgroup' | 'ipc' | 'mnt' | 'net' | 'pid' | 'pid_for_children' | 'user' | 'uts';

export function viewOf(pid: number | 'self', view: View): string {
  try {
    return readlinkSync(`/proc/${pid}/ns/${view}`);
  } catch {
    return '';
  }
}

export function sharesView(pid: number, view: View): boolean {
  return viewOf(pid, view) === viewOf('self', view);
}

export function inodeOf(path: string): string | undefined {
  try {
    const { dev, ino } = statSync(path);
    return `${dev}:${ino}`;
  } catch {
    return undefined;
  }
}
