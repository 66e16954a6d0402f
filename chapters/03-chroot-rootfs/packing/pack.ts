// Packing: a program, and all that it needs, into a folder that can be its root.
//
// - `packPrograms(names, folder, trees?)`: copies them → the paths in the new root
//
// Each file goes to the path that it has here, so that a loader or a script finds it
// again. Links are kept as links, and what they lead to is packed too. Of a script the
// interpreter is packed; of a tree (an application's own folder) also what the
// libraries in it need. Nothing that is packed is run.

import {
  closeSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  readSync,
  writeSync,
} from 'node:fs';
import { dirname, resolve } from 'node:path';
import { Beneath } from '../files/beneath.ts';
import { readElf } from './elf.ts';
import { findProgram } from './find-program.ts';
import { filesNeededBy, systemFolders } from './libraries.ts';

/**
 * Copies programs (by name or path) and whole trees into `folder`, which is made.
 *
 * @returns every path in the new root, in order
 * @throws LibraryMissing, or Error for a program that is not there
 */
export function packPrograms(
  programs: readonly string[],
  folder: string,
  trees: readonly string[] = [],
): readonly string[] {
  mkdirSync(folder, { recursive: true });
  using packing = new Packing(folder);
  for (const name of programs) packing.program(findProgram(name));
  for (const tree of trees) packing.tree(resolve(tree));
  return packing.packed();
}

class Packing implements Disposable {
  readonly #beneath: Beneath;
  readonly #done = new Set<string>();
  readonly #folders = systemFolders();

  constructor(folder: string) {
    this.#beneath = Beneath.open(folder);
  }

  packed(): readonly string[] {
    return [...this.#done].toSorted();
  }

  /** A program or a library, and its needs. */
  program(path: string): void {
    if (this.#done.has(path)) return;
    this.#copy(path);
    const needs = isElf(path)
      ? filesNeededBy(path, this.#folders)
      : interpretersOf(path).map(name => findProgram(name));
    for (const need of needs) {
      if (isElf(need)) this.#copy(need);
      else this.program(need);
    }
  }

  /** A folder with all that is in it. */
  tree(path: string): void {
    for (const entry of readdirSync(path, { withFileTypes: true })) {
      const inside = `${path}/${entry.name}`;
      if (entry.isDirectory()) this.tree(inside);
      else if (entry.isFile() && isElf(inside)) this.program(inside);
      else if (entry.isFile() || entry.isSymbolicLink()) this.#copy(inside);
    }
  }

  #copy(path: string): void {
    if (this.#done.has(path)) return;
    this.#done.add(path);
    const found = lstatSync(path);
    if (found.isSymbolicLink()) {
      const target = readlinkSync(path);
      this.#beneath.makeLink(path, target);
      this.#copy(resolve(dirname(path), target));
      return;
    }
    if (!found.isFile()) return;
    copyInto(this.#beneath.makeFile(path, { mode: found.mode & 0o7777 }), path);
  }

  [Symbol.dispose](): void {
    this.#beneath[Symbol.dispose]();
  }
}

function copyInto(to: number, path: string): void {
  const from = openSync(path, 'r');
  try {
    const piece = Buffer.alloc(1 << 20);
    for (let size = readSync(from, piece); size > 0; size = readSync(from, piece)) {
      writeSync(to, piece, 0, size);
    }
  } finally {
    closeSync(from);
    closeSync(to);
  }
}

function isElf(path: string): boolean {
  return readElf(path) !== undefined;
}

/** `#!/usr/bin/env perl` needs two programs, `#!/bin/sh` one, a text none. */
function interpretersOf(path: string): readonly string[] {
  const line = /^#!\s*(\S+)(?:\s+(\S+))?/.exec(firstLine(path));
  const [, program, argument] = line ?? [];
  if (program === undefined) return [];
  const byName = program.endsWith('/env') && argument !== undefined;
  return byName ? [program, argument] : [program];
}

function firstLine(path: string): string {
  return readFileSync(path).subarray(0, 256).toString('utf8').split('\n')[0] ?? '';
}
