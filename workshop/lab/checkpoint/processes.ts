// What /proc says of one process: the evidence that checkpoints judge by.
//
// - `findByCommandLine(words)`: the one process with exactly this command line
// - `status(pid, field)`, `namespaceOf(pid, link)`, `mountsOf(pid)`, `read(pid, file)`
//
// Sources: proc_pid_cmdline(5), proc_pid_status(5), proc_pid_ns(5), proc_pid_mountinfo(5).

import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** The pid of the process whose command line is exactly `words`, or undefined. */
export function findByCommandLine(words: readonly string[]): number | undefined {
  const wanted = `${words.join('\0')}\0`;
  const pids = readdirSync('/proc').filter(name => /^\d+$/.test(name));
  // Newest first: what was started last has the highest number, as a rule.
  for (const pid of pids.toReversed()) {
    if (readIfThere(`/proc/${pid}/cmdline`) === wanted) return Number(pid);
  }
  return undefined;
}

/** A field of /proc/PID/status such as `NSpid`, split at white space. */
export function status(pid: number, field: string): readonly string[] {
  const line = new RegExp(`^${field}:(.*)$`, 'm').exec(read(pid, 'status'));
  return line?.[1]?.trim().split(/\s+/) ?? [];
}

/**
 * The namespace behind /proc/PID/ns/LINK, such as `pid:[4026531836]`; undefined for a
 * `pid_for_children` that has no first process yet, and for a kind that this kernel lacks.
 */
export function namespaceOf(pid: number | 'self', link: string): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/${link}`);
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    if (missing && existsSync(`/proc/${pid}/ns`)) return undefined;
    throw error;
  }
}

/** The mount points that a process sees, with the type of file system on each. */
export function mountsOf(pid: number | 'self'): readonly { target: string; type: string }[] {
  return read(pid, 'mountinfo')
    .trim()
    .split('\n')
    .map(line => {
      const [before = '', after = ''] = line.split(' - ');
      return { target: before.split(' ')[4] ?? '', type: after.split(' ')[0] ?? '' };
    });
}

/** The text of /proc/PID/FILE. */
export function read(pid: number | 'self', file: string): string {
  return readFileSync(`/proc/${pid}/${file}`, 'utf8');
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // Between the listing and the reading a process may have ended.
    return undefined;
  }
}
