// The loaded addon, typed by the declarations that its build writes.
//
// - `native()`: the functions of native/addon, by their names in TypeScript
// - `call`: runs one of them and turns a refusal of the kernel into a SyscallError
// - `whenReadable`, `whenEnded`: the only ones that wait, as promises
// - `receive`, `listen`: what came over a channel
// - `answer()`: where the addon puts an answer of several numbers
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

/** Where the addon puts the numbers of its answer. Read before the next call. */
export const answer = once(() => new Int32Array(64));

/** What came over a channel. */
export interface Message {
  /** Empty at the end of file. */
  readonly text: string;
  /** What came with it, the caller's to close; or -1. */
  readonly descriptor: number;
}

/** The messages that are there; see the addon's function. @throws SyscallError */
export function receive(channel: number): Message[] {
  return messages(call(() => native().receive(channel, answer())));
}

/** As `receive`, after waiting a moment for one, or for the end. @throws SyscallError */
export function listen(channel: number, untilEnd: boolean): Message[] {
  return messages(call(() => native().listen(channel, untilEnd, answer())));
}

/** JSON has no line break, so the addon can answer with one text for all. */
function messages(texts: string | null): Message[] {
  const descriptors = answer();
  return (texts?.split('\n') ?? []).map((text, index) => ({
    text,
    descriptor: descriptors[index] ?? -1,
  }));
}

/** Resolves once `descriptor` can be read, or has reached its end. One watcher at a time. */
export function whenReadable(descriptor: number): Promise<void> {
  return new Promise(resolve => call(() => native().whenReadable(descriptor, resolve)));
}

/** Resolves once the other end of `descriptor` is closed, whatever there is to read by then. */
export function whenEnded(descriptor: number): Promise<void> {
  return new Promise(resolve => call(() => native().whenEnded(descriptor, resolve)));
}
