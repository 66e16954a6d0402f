// Where in a container something may be mounted, and how it may be written.
//
// - `cleanPath(path)`: without `.`, `..`, doubled and trailing slashes
// - `targetComplaint(target)`: why it is no place to mount at; undefined if it is one
// - `readMode(mode)`: the words behind the last colon of a bind; undefined if one is none
//
// Source: volume/mounts/linux_parser.go of moby, for the rules and the words.

import { posix } from 'node:path';
import { readSpread } from '../../libcontainer/volumes.ts';

export function cleanPath(path: string): string {
  return posix.normalize(path).replace(/(.)\/+$/, '$1');
}

export function targetComplaint(target: string): string | undefined {
  if (target.includes('\0')) return `invalid mount path: it holds a NUL byte`;
  if (target === '') return 'field Target must not be empty';
  if (cleanPath(target) === '/') return "invalid specification: destination can't be '/'";
  if (target.startsWith('/')) return undefined;
  return `invalid mount path: '${target}' mount path must be absolute`;
}

export interface Mode {
  readonly readOnly: boolean;
  readonly noCopy: boolean;
  /** Empty if it was not said. */
  readonly propagation: string;
}

/** What one word is about; two words about the same contradict each other. */
const groups: Readonly<Record<string, string>> = {
  ...{ ro: 'access', rw: 'access', z: 'label', Z: 'label', nocopy: 'copy' },
  ...{ consistent: 'consistency', cached: 'consistency', delegated: 'consistency' },
};

export function readMode(mode: string): Mode | undefined {
  const words = mode === '' ? [] : mode.split(',');
  const about = words.map(word => (readSpread(word) ? 'propagation' : groups[word]));
  if (about.includes(undefined) || new Set(about).size < about.length) return undefined;
  return {
    readOnly: words.includes('ro'),
    noCopy: words.includes('nocopy'),
    propagation: words.find(word => readSpread(word) !== undefined) ?? '',
  };
}
