// A recorded machine to run the drivers on: directories, files and processes in memory.
//
// - new RecordedHost(name): the Host, and what a test does to it and asks of it
//
// Its kernel makes the files of a new group from the recording, hands controllers down
// as version 2 does, keeps a process in one group a hierarchy, and treats what is
// written by the rules of recorded-kernel.ts. Time passes at once.

import type { FileWrite, Written } from '@slipway/native';
import { writeOneByOne, type Host } from '../hierarchies/host.ts';
import { errno, rules } from './recorded-kernel.ts';
import { readRecording, type Recording, type RecordingName } from './recording.ts';

type Folder = Map<string, string>;

export class RecordedHost implements Host {
  /** every write that the kernel was asked for, in order: "path = value" */
  readonly writes: string[] = [];
  /** how long the drivers have waited */
  pausedMs = 0;
  /** writes to these paths are accepted, and nothing changes */
  readonly ignored = new Set<string>();
  /** directories in which this user may make nothing */
  readonly denied = new Set<string>();
  /** the next calls on a path fail, each with the first of these */
  readonly failures = new Map<string, string[]>();
  readonly #recording: Recording;
  readonly #folders = new Map<string, Folder>();
  /** process → top of a hierarchy → the group that it is in there */
  readonly #places = new Map<number, Map<string, string>>();
  readonly #texts: Map<string, string>;
  readonly #doomed = new Set<number>();

  constructor(name: RecordingName) {
    this.#recording = readRecording(name);
    this.#texts = new Map(this.#recording.texts);
    for (const [top, files] of this.#recording.tops)
      this.#folders.set(top, new Map(files));
  }

  /** A new process, at the top of every hierarchy. */
  bear(pid: number): void {
    const tops = [...this.#recording.tops.keys()];
    this.#places.set(pid, new Map(tops.map(top => [top, top])));
  }

  isAlive(pid: number): boolean {
    return this.#places.has(pid);
  }

  put(path: string, text: string): void {
    this.#folder(above(path)).set(last(path), text);
  }

  /** Another text for a file of /proc. */
  replace(path: string, text: string): void {
    this.#texts.set(path, text);
  }

  read(path: string): string {
    const text = this.#texts.get(path);
    if (text !== undefined) return text;
    this.#fail(path);
    const folder = this.#folder(above(path));
    if (last(path) === 'cgroup.procs') return this.#members(above(path)).join('\n');
    return folder.get(last(path)) ?? refuse('ENOENT', path);
  }

  write(path: string, value: string): void {
    this.writes.push(`${path} = ${value}`);
    this.#fail(path);
    const [directory, file] = [above(path), last(path)];
    const folder = this.#folder(directory);
    if (!folder.has(file)) refuse('ENOENT', path);
    if (this.ignored.has(path) || this.#acted(directory, file, value)) return;
    const group = {
      get: (name: string) => folder.get(name) ?? '',
      set: (name: string, text: string) => folder.set(name, text),
      topFiles: this.#folder(this.#topOf(directory)),
    };
    folder.set(file, rules[file]?.(value, group, file) ?? value);
  }

  writeAll(writes: readonly FileWrite[]): readonly Written[] {
    return writeOneByOne(this, writes);
  }

  makeDirectory(path: string): void {
    this.#fail(path);
    if (this.#folders.has(path)) refuse('EEXIST', path);
    this.#folder(above(path));
    this.#folders.set(path, this.#newGroup(path));
  }

  removeDirectory(path: string): void {
    this.#fail(path);
    this.#folder(path);
    const inUse = this.#below(path).length > 1 || this.#members(path).length > 0;
    if (inUse) refuse('EBUSY', path);
    this.#folders.delete(path);
  }

  directoriesIn(path: string): string[] {
    this.#folder(path);
    return [...this.#folders.keys()].filter(one => above(one) === path).map(last);
  }

  has(path: string): boolean {
    const folder = this.#folders.get(above(path));
    return (
      this.#texts.has(path) ||
      this.#folders.has(path) ||
      folder?.has(last(path)) === true
    );
  }

  mayWrite(path: string): boolean {
    return this.#folders.has(path) && !this.denied.has(path);
  }

  putDeviceProgram(directory: string, program: Uint8Array): void {
    this.#folder(directory);
    this.#fail(`${directory} program`);
    this.writes.push(`${directory} program of ${program.length / 8}`);
  }

  signal(pid: number): void {
    if (!this.isAlive(pid)) refuse('ESRCH', String(pid));
    this.#end(pid);
  }

  pause(ms: number): Promise<void> {
    this.pausedMs += ms;
    return Promise.resolve();
  }

  /** The files that do something when they are written. @returns whether this is one */
  #acted(directory: string, file: string, value: string): boolean {
    const folder = this.#folder(directory);
    const within = (): number[] =>
      this.#below(directory).flatMap(one => this.#members(one));
    if (file === 'cgroup.procs') this.#enter(directory, Number(value));
    else if (file === 'cgroup.subtree_control') this.#handDown(directory, value);
    else if (file === 'cgroup.freeze') folder.set('cgroup.events', `frozen ${value}`);
    else if (file === 'cgroup.kill') for (const pid of within()) this.#end(pid);
    else if (file === 'memory.reclaim') reclaim(folder, Number(value));
    else if (file === 'freezer.state') {
      folder.set(file, value);
      for (const pid of within()) if (this.#doomed.has(pid)) this.#end(pid);
    } else return false;
    return true;
  }

  #enter(directory: string, pid: number): void {
    const folder = this.#folder(directory);
    const places = this.#places.get(pid) ?? refuse('ESRCH', directory);
    const isEmpty = (file: string): boolean => folder.get(file)?.trim() === '';
    const version1 = !folder.has('cgroup.controllers');
    if (version1 && (isEmpty('cpuset.cpus') || isEmpty('cpuset.mems'))) {
      refuse('ENOSPC', directory);
    }
    const isTop = this.#topOf(directory) === directory;
    if (!isTop && words(folder.get('cgroup.subtree_control')).length > 0) {
      refuse('EBUSY', directory);
    }
    places.set(this.#topOf(directory), directory);
  }

  /**
   * SIGKILL: a process that is frozen in a version 1 hierarchy ends when it is thawed.
   */
  #end(pid: number): void {
    const folders = [...(this.#places.get(pid)?.values() ?? [])];
    const isFrozen = folders.some(
      one => this.#folder(one).get('freezer.state')?.trim() === 'FROZEN',
    );
    if (isFrozen) this.#doomed.add(pid);
    else this.#places.delete(pid);
  }

  #handDown(directory: string, value: string): void {
    const folder = this.#folder(directory);
    const name = value.slice(1);
    if (!words(folder.get('cgroup.controllers')).includes(name))
      refuse('ENOENT', directory);
    const isTop = this.#topOf(directory) === directory;
    if (!isTop && this.#members(directory).length > 0) refuse('EBUSY', directory);
    const handed = [...words(folder.get('cgroup.subtree_control')), name];
    folder.set('cgroup.subtree_control', handed.join(' '));
    for (const child of this.directoriesIn(directory)) {
      const path = `${directory}/${child}`;
      const now = this.#folder(path);
      for (const [file, text] of this.#newGroup(path)) {
        if (!now.has(file) || file === 'cgroup.controllers') now.set(file, text);
      }
    }
  }

  /**
   * The files of a new group: of version 2 only those of controllers handed down to it.
   */
  #newGroup(path: string): Folder {
    const recorded = this.#recording.newGroups.get(this.#topOf(path)) ?? new Map();
    const parent = this.#folder(above(path));
    if (!parent.has('cgroup.controllers')) return new Map(recorded);
    const handed = words(parent.get('cgroup.subtree_control'));
    const present = [...recorded].filter(([file]) => {
      const isCore = /^cgroup\.|pressure$|^cpu\.stat$/.test(file);
      return isCore || handed.includes(file.split('.')[0]);
    });
    return new Map(present).set('cgroup.controllers', handed.join(' '));
  }

  #topOf(path: string): string {
    const tops = [...this.#recording.tops.keys()];
    return tops.find(top => path === top || path.startsWith(`${top}/`)) ?? path;
  }

  #folder(path: string): Folder {
    return this.#folders.get(path) ?? refuse('ENOENT', path);
  }

  #members(path: string): number[] {
    const top = this.#topOf(path);
    return [...this.#places]
      .filter(([, at]) => at.get(top) === path)
      .map(([pid]) => pid);
  }

  #below(path: string): string[] {
    return [...this.#folders.keys()].filter(
      one => one === path || one.startsWith(`${path}/`),
    );
  }

  #fail(path: string): void {
    const code = this.failures.get(path)?.shift();
    if (code !== undefined) refuse(code, path);
  }
}

function reclaim(folder: Folder, wanted: number): void {
  const stat = folder.get('memory.stat') ?? '';
  const cached = Number(/^file (\d+)$/m.exec(stat)?.[1] ?? 0);
  const freed = Math.min(cached, wanted);
  folder.set('memory.stat', stat.replace(/^file \d+$/m, `file ${cached - freed}`));
  folder.set('memory.current', String(Number(folder.get('memory.current')) - freed));
  if (freed < wanted) refuse('EAGAIN', 'memory.reclaim');
}

function refuse(code: string, path: string): never {
  throw errno(code, path);
}

function words(text: string | undefined): string[] {
  return (text ?? '').split(/\s+/).filter(word => word !== '');
}

const above = (path: string): string => path.slice(0, path.lastIndexOf('/'));
const last = (path: string): string => path.slice(path.lastIndexOf('/') + 1);
