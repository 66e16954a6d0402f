/**
 * Ctrl-C in the middle of an experiment: what is held is still released, and nothing more is begun.
 *
 * - untilInterrupted()    listens until disposed of; `signalled` rejects, `status` is then 128 + n
 */
import { constants } from 'node:os';

export interface Interruption extends Disposable {
  /** Never resolves; rejects when a signal asks us to end. */
  readonly signalled: Promise<never>;
  readonly status: number | undefined;
}

export function untilInterrupted(): Interruption {
  const { promise, reject } = Promise.withResolvers<never>();
  // Nobody may be waiting at the moment; that alone must not end the process.
  promise.catch(() => {});
  let status: number | undefined;
  const listen = (signal: NodeJS.Signals): void => {
    status = 128 + constants.signals[signal];
    reject(new Error(`interrupted by ${signal}`));
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, listen);
  return {
    signalled: promise,
    get status() {
      return status;
    },
    [Symbol.dispose]() {
      for (const signal of signals) process.off(signal, listen);
    },
  };
}
