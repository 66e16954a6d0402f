// One daemon a root: the lock on its folder, and the file with its process id.
//
// - `lockRoot(dataRoot)`          held until disposed or until this process ends, however it ends;
//                                 @throws WrongSetting if another daemon holds it
// - `writePidFile(path)`          removed when disposed; @throws WrongSetting if it names a daemon
//
// The lock is SQLite's own on a file of its own (`fcntl` underneath, which Node does not offer):
// the kernel takes it back from a process that was killed, and it holds across network namespaces.

import {
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { WrongSetting } from './command-line.ts';

export function lockRoot(dataRoot: string): Disposable {
  mkdirSync(dataRoot, { recursive: true, mode: 0o710 });
  const file = join(dataRoot, 'lock');
  try {
    return locked(file);
  } catch (error) {
    // Nothing ever stands in it: whoever wrote there, it was not us.
    if (statSync(file).size === 0) throw error;
    truncateSync(file);
    return locked(file);
  }
}

function locked(file: string): Disposable {
  const lock = new DatabaseSync(file, { timeout: 0 });
  try {
    // Nothing is ever written: there is no journal to clean up.
    lock.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
  } catch (error) {
    lock.close();
    const isLocked = error instanceof Error && error.message.includes('locked');
    if (!isLocked) throw error;
    throw new WrongSetting(
      `another daemon works on ${dirname(file)}: each needs a --data-root of its own`,
    );
  }
  return { [Symbol.dispose]: () => lock.close() };
}

export function writePidFile(path: string): Disposable {
  const other = daemonOf(path);
  if (other !== undefined) {
    throw new WrongSetting(`process with PID ${other} is still running (${path})`);
  }
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.new`, `${process.pid}\n`);
  renameSync(`${path}.new`, path);
  return { [Symbol.dispose]: () => rmSync(path, { force: true }) };
}

/** A number may belong to another program by now: it must look like one of us. */
function daemonOf(path: string): number | undefined {
  try {
    const pid = Number(readFileSync(path, 'utf8').trim());
    if (!Number.isSafeInteger(pid) || pid <= 1 || pid === process.pid) return undefined;
    const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
    return words.some(word => word.includes('slipway')) && words.includes('daemon')
      ? pid
      : undefined;
  } catch {
    return undefined;
  }
}
