/**
 * A contestant: a process that starts one container for each line it reads, and answers with
 * the nanoseconds that it took.
 *
 * - startContestant(argv)  → { round(), end() }
 *
 * Each contestant lives through the whole bench, so that none pays for its own start, and the
 * clock is read inside it, so that none pays for the pipe. Invariant: one round at a time.
 */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

export interface Contestant {
  /** Nanoseconds from the request for a container to its known end. */
  round(): Promise<number>;
  end(): Promise<void>;
}

/** @throws Error if the process cannot be started, or ends before `end` */
export function startContestant([command = '', ...args]: readonly string[]): Contestant {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const { promise: closed, resolve, reject } = Promise.withResolvers<void>();
  child.once('error', reject);
  child.once('close', () => resolve());
  return {
    async round() {
      child.stdin.write('go\n');
      const answer = await Promise.race([lines.next(), closed]);
      const nanoseconds = answer === undefined || answer.done ? Number.NaN : Number(answer.value);
      if (nanoseconds > 0) return nanoseconds;
      throw new Error(`${[command, ...args].join(' ')}: no time came back`);
    },
    async end() {
      child.stdin.end();
      await closed;
    },
  };
}
