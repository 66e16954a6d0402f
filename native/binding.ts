// The loaded addon, typed by the declarations that its build writes.
//
// - `native()`: the functions of native/addon, by their names in TypeScript
// - `call`: runs one of them and turns a refusal of the kernel into a SyscallError
// - `whenReadable`, `whenEnded`: the only ones that wait, as promises
// - `initDescriptor()`: the sealed slipway-init, made at the first start and kept
//
// The addon is loaded at its first use, so that `--explain` and unit tests need no build.

import { createRequire } from 'node:module';
import { syscallErrorFrom } from './syscall-error.ts';
import type * as Addon from './dist/slipway.d.ts';

const dist = `${import.meta.dirname}/dist`;

/** A value that is made at its first use, once. */
function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

/** The addon. @throws Error with the command to run if it was never built. */
export const native = once((): typeof Addon => {
  try {
    return createRequire(import.meta.url)(`${dist}/slipway.node`);
  } catch (cause) {
    throw new Error(`the addon ${dist}/slipway.node cannot be loaded: run npm run setup`, {
      cause,
    });
  }
});

/** A descriptor of the sealed slipway-init; close-on-exec, open as long as this process. */
export const initDescriptor = once(() => call(() => native().sealProgram(`${dist}/slipway-init`)));

/** The result of `use`. @throws SyscallError where the kernel refused. */
export function call<T>(use: () => T): T {
  try {
    return use();
  } catch (error) {
    throw syscallErrorFrom(error);
  }
}

/** Resolves once `descriptor` can be read, or has reached its end. One watcher at a time. */
export function whenReadable(descriptor: number): Promise<void> {
  return new Promise(resolve => call(() => native().whenReadable(descriptor, resolve)));
}

/** Resolves once the other end of `descriptor` is closed, whatever there is to read by then. */
export function whenEnded(descriptor: number): Promise<void> {
  return new Promise(resolve => call(() => native().whenEnded(descriptor, resolve)));
}
