/**
 * The mounts that a process sees: /proc/PID/mountinfo as values.
 *
 * - readMountinfo(pid)    the mounts of that process' mount namespace, in the kernel's order
 * - parseMountinfo(text)  the same from text, so that any recorded machine can be a test
 * - mountsBelow(list, p)  those at or below a path, newest first: the order to unmount in
 *
 * Wire format, one mount a line, the optional fields ended by a lone dash:
 *     id parent major:minor root mountpoint options optional… - type source superoptions
 * A space, tab, newline or backslash inside a field is written as a backslash and three octal
 * digits.
 * Source: proc_pid_mountinfo(5).
 */
import { readFileSync } from 'node:fs';

export interface MountEntry {
  readonly id: number;
  readonly parent: number;
  /** `major:minor` of the file system. */
  readonly device: string;
  /** What of the file system is mounted: `/`, or a directory in it for a bind mount. */
  readonly root: string;
  readonly mountPoint: string;
  readonly options: string;
  /** `shared:7`, `master:3`, … ; empty for a private mount. */
  readonly propagation: readonly string[];
  readonly type: string;
  readonly source: string;
  readonly superOptions: string;
}

export function readMountinfo(pid: number | 'self' = 'self'): MountEntry[] {
  return parseMountinfo(readFileSync(`/proc/${pid}/mountinfo`, 'utf8'));
}

export function parseMountinfo(text: string): MountEntry[] {
  return text
    .split('\n')
    .map(parseLine)
    .filter(entry => entry !== undefined);
}

function parseLine(line: string): MountEntry | undefined {
  const [id, parent, device, root, mountPoint, options, ...rest] = line.split(' ');
  const dash = rest.indexOf('-');
  if (!id || !parent || !device || !root || !mountPoint || !options || dash < 0) return undefined;
  return {
    id: Number(id),
    parent: Number(parent),
    device,
    root: unescapeOctal(root),
    mountPoint: unescapeOctal(mountPoint),
    options,
    propagation: rest.slice(0, dash),
    type: rest[dash + 1] ?? '',
    source: unescapeOctal(rest[dash + 2] ?? ''),
    superOptions: rest[dash + 3] ?? '',
  };
}

function unescapeOctal(field: string): string {
  return field.replace(/\\([0-7]{3})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );
}

export function mountsBelow(mounts: readonly MountEntry[], path: string): MountEntry[] {
  const below = mounts.filter(m => m.mountPoint === path || isInside(m.mountPoint, path));
  return below.toReversed();
}

/** Whether `path` lies strictly inside `folder`; both absolute and without `..`. */
export function isInside(path: string, folder: string): boolean {
  return path !== folder && path.startsWith(folder === '/' ? '/' : `${folder}/`);
}
