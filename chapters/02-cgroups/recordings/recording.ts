// A machine's control groups written down, so that any machine can test all worlds.
//
// - readRecording(name): one of recordings/*.txt
// - Recording: the texts of /proc, the top of each hierarchy, and what a new group
//   holds
//
//   ## /proc/self/mountinfo             a text of the kernel, as it is
//   ## top /sys/fs/cgroup/cpu           a hierarchy: its files follow
//   # cgroup.procs                      one file; its content follows
//   ## new group below /sys/…/cpu       what the kernel makes with a directory: files
//
// The recordings were taken from running kernels; each file's first line says which.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export type RecordingName =
  | 'v1-one-each'
  | 'v1-co-mounted'
  | 'v2-debian-12'
  | 'hybrid-systemd';

export type Files = ReadonlyMap<string, string>;

export interface Recording {
  readonly texts: ReadonlyMap<string, string>;
  readonly tops: ReadonlyMap<string, Files>;
  readonly newGroups: ReadonlyMap<string, Files>;
}

export function readRecording(name: RecordingName): Recording {
  const path = join(import.meta.dirname, `${name}.txt`);
  return parseRecording(readFileSync(path, 'utf8'));
}

function parseRecording(text: string): Recording {
  const texts = new Map<string, string>();
  const tops = new Map<string, Files>();
  const newGroups = new Map<string, Files>();
  for (const [title, body] of sections(text, '## ')) {
    const files = new Map(sections(body, '# '));
    if (title.startsWith('top ')) tops.set(title.slice(4), files);
    else if (title.startsWith('new group below '))
      newGroups.set(title.slice(16), files);
    else texts.set(title, body);
  }
  return { texts, tops, newGroups };
}

/** What stands below each line that begins with `mark`, by that line's rest. */
function sections(text: string, mark: string): [string, string][] {
  return `\n${text}`
    .split(`\n${mark}`)
    .slice(1)
    .map(part => {
      const end = part.indexOf('\n');
      return end < 0 ? [part, ''] : [part.slice(0, end), `${part.slice(end + 1)}\n`];
    });
}
