/**
 * Compiles the floor: floor/*.c into .cache/bench.
 *
 * - buildFloor()  → the paths of both programs, and of a root with one of them in it; instant when
 *                   nothing has changed
 * - buildFlood()  → the path of the program that writes and reads much
 */
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { busyboxTree, writeTree } from '@slipway/rootfs';
import type { Paths } from './scenarios.ts';

const sources = `${import.meta.dirname}/floor`;
const output = `${import.meta.dirname}/../.cache/bench`;

const floorParts = ['floor', 'calls', 'groups', 'root', 'network'];

/** @throws Error with the compiler's words if there is none, or it refuses */
export function buildFloor(): Omit<Paths, 'unshare'> {
  mkdirSync(output, { recursive: true });
  const short = compile('true', ['true'], ['-O2', '-static', '-nostdlib']);
  return {
    floor: compile('floor', floorParts, ['-O2', '-Wall', '-Wextra']),
    true: short,
    rootfs: makeRoot(short),
  };
}

/** Both ends of a stream, for output.ts. @throws as `buildFloor` */
export function buildFlood(): string {
  mkdirSync(output, { recursive: true });
  return compile('flood', ['flood'], ['-O2', '-Wall', '-Wextra', '-static']);
}

/** A root of busybox with the short program in it. */
function makeRoot(short: string): string {
  const root = `${output}/rootfs`;
  if (modified(`${root}/true`) < modified(short)) {
    rmSync(root, { recursive: true, force: true });
    writeTree(busyboxTree(), root);
    copyFileSync(short, `${root}/true`);
  }
  return root;
}

function compile(name: string, parts: readonly string[], options: readonly string[]): string {
  const program = `${output}/${name}`;
  const files = parts.map(part => `${sources}/${part}.c`);
  const newest = Math.max(...readdirSync(sources).map(file => modified(`${sources}/${file}`)));
  if (modified(program) < newest) {
    execFileSync('cc', [...options, '-o', program, ...files], { stdio: 'inherit' });
  }
  return program;
}

function modified(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
