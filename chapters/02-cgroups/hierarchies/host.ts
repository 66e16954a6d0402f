// What the drivers need of a machine, so that a recorded tree can stand in for it.
//
// - Host: read, write, make, remove; put a program on a group; signal; let time pass
// - linuxHost(): the real one
// - writeOneByOne(host, writes): `writeAll` for a host that has no quicker way
//
// Reading and writing are synchronous: a control-group file is answered by the kernel
// from memory, and a hop through Node's thread pool would cost more than the call.
// A write is one write(2) on a file that exists: the kernel takes a value whole or not
// at all, and a missing file must say ENOENT instead of being created.

import * as fs from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import {
  setDeviceProgram,
  writeFiles,
  type FileWrite,
  type Written,
} from '@slipway/native';

export interface Host {
  read(path: string): string;
  write(path: string, text: string): void;
  /** One after the other, until one is refused: that is the last of the answers. */
  writeAll(writes: readonly FileWrite[]): readonly Written[];
  makeDirectory(path: string): void;
  removeDirectory(path: string): void;
  /** the names of the directories in this one: a group's sub-groups */
  directoriesIn(path: string): readonly string[];
  has(path: string): boolean;
  mayWrite(path: string): boolean;
  /** on a group of version 2, in place of one that this put there before */
  putDeviceProgram(directory: string, program: Uint8Array): void;
  signal(pid: number, signal: NodeJS.Signals): void;
  pause(ms: number): Promise<void>;
}

export function linuxHost(): Host {
  return {
    read: path => fs.readFileSync(path, 'utf8'),
    write: writeOnce,
    writeAll: writes =>
      writeFiles(writes.map(one => ({ ...one, text: line(one.text) }))),
    makeDirectory: path => fs.mkdirSync(path),
    removeDirectory: path => fs.rmdirSync(path),
    directoriesIn: path =>
      fs
        .readdirSync(path, { withFileTypes: true })
        .filter(entry => entry.isDirectory())
        .map(entry => entry.name),
    has: path => fs.existsSync(path),
    mayWrite,
    putDeviceProgram: setDeviceProgram,
    signal: (pid, signal) => {
      process.kill(pid, signal);
    },
    pause: async ms => {
      await pause(ms);
    },
  };
}

function writeOnce(path: string, text: string): void {
  const descriptor = fs.openSync(path, fs.constants.O_WRONLY);
  try {
    fs.writeSync(descriptor, line(text));
  } finally {
    fs.closeSync(descriptor);
  }
}

/** An empty value is a newline: of nothing the kernel would see nothing. */
function line(text: string): string {
  return text === '' ? '\n' : text;
}

export function writeOneByOne(
  host: Pick<Host, 'read' | 'write'>,
  writes: readonly FileWrite[],
): readonly Written[] {
  const answers: Written[] = [];
  for (const { path, text, told } of writes) {
    try {
      host.write(path, text);
      answers.push({ found: told === undefined ? undefined : host.read(told) });
    } catch (error) {
      return [...answers, { error }];
    }
  }
  return answers;
}

function mayWrite(path: string): boolean {
  try {
    fs.accessSync(path, fs.constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
