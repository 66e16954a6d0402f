// The repaired /proc of a container, kept true while it runs.
//
// - `prepareProc(group)`: the six files, each as a mount that hangs nowhere yet
//     files      for `limited`: the child attaches them over the real ones
//     begin()    the child has them: from now on each second they are written anew
//     dispose    no more
//
//   the parent: writes ──> a file on a tmpfs <── the child: reads /proc/meminfo
//
// The files' names go as soon as the container runs; the mounts keep the files, and
// they end with the last process inside. In between the ledger knows the folder.
// lxcfs(1) answers each read itself instead, as a file system in user space.

import {
  closeSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  statfsSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { record, settle } from '@slipway/lab';
import { cloneTree, type OpenMount } from '@slipway/native';
import type { Group } from '../group/group.ts';
import type { PreparedFile } from './limited.ts';
import { watchGroup } from './watch-group.ts';

export interface LiveProc extends Disposable {
  readonly files: readonly PreparedFile[];
  begin(): void;
}

interface OneFile extends PreparedFile {
  readonly mount: OpenMount;
  readonly writer: number;
}

const everyMs = 1000;

/** @throws SyscallError EPERM for who may not prepare mounts */
export function prepareProc(group: Group): LiveProc {
  const watch = watchGroup(group);
  const folder = makeFolder(group.name);
  const files: OneFile[] = [];
  try {
    for (const [target, text] of watch.look()) {
      files.push(prepare(`${folder.path}/${files.length}`, target, text));
    }
  } catch (error) {
    close(files);
    folder[Symbol.dispose]();
    throw error;
  }
  let timer: NodeJS.Timeout | undefined;
  return {
    files,
    begin: () => {
      folder[Symbol.dispose]();
      timer = setInterval(() => rewrite(files, watch.look()), everyMs);
    },
    [Symbol.dispose]: () => {
      clearInterval(timer);
      close(files);
      folder[Symbol.dispose]();
    },
  };
}

function prepare(path: string, target: string, text: string): OneFile {
  const writer = openSync(path, 'wx', 0o444);
  writeSync(writer, text);
  const mount = cloneTree(path, false);
  return { target, writer, mount, descriptor: mount.descriptor };
}

/** Over the old text, then cut: a reader never finds the file empty. */
function rewrite(files: readonly OneFile[], texts: ReadonlyMap<string, string>): void {
  for (const { target, writer } of files) {
    const bytes = Buffer.from(texts.get(target) ?? readFileSync(target, 'utf8'));
    writeSync(writer, bytes, 0, bytes.length, 0);
    ftruncateSync(writer, bytes.length);
  }
}

function close(files: readonly OneFile[]): void {
  for (const { writer, mount } of files) {
    closeSync(writer);
    mount[Symbol.dispose]();
  }
}

/** The `f_type` of a tmpfs (statfs(2)): what is written each second stays in memory. */
const tmpfsMagic = 0x0102_1994;

function makeFolder(name: string): Disposable & { readonly path: string } {
  const memory = statfsSync('/dev/shm').type === tmpfsMagic ? '/dev/shm' : tmpdir();
  const path = `${memory}/slipway-${name}`;
  const entry = record({ kind: 'directory', target: path });
  mkdirSync(path, { mode: 0o700 });
  let there = true;
  return {
    path,
    [Symbol.dispose]: () => {
      if (!there) return;
      there = false;
      rmSync(path, { recursive: true });
      settle(entry);
    },
  };
}
