/**
 * Compiles the floor: floor/*.c into .cache/bench.
 *
 * - buildFloor()  → the paths of both programs; instant when nothing has changed
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, statSync } from 'node:fs';

const sources = `${import.meta.dirname}/floor`;
const output = `${import.meta.dirname}/../.cache/bench`;

/** @throws Error with the compiler's words if there is none, or it refuses */
export function buildFloor(): { readonly floor: string; readonly true: string } {
  mkdirSync(output, { recursive: true });
  return {
    floor: compile('floor', ['-O2', '-Wall', '-Wextra']),
    true: compile('true', ['-O2', '-static', '-nostdlib']),
  };
}

function compile(name: string, options: readonly string[]): string {
  const [source, program] = [`${sources}/${name}.c`, `${output}/${name}`];
  if (modified(program) < modified(source)) {
    execFileSync('cc', [...options, '-o', program, source], { stdio: 'inherit' });
  }
  return program;
}

function modified(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
