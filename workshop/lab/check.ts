/**
 * A test of behaviour that may need a real kernel: vitest's `test` with needs and the host guard.
 *
 * - check('a sentence', async context => …)                           needs nothing
 * - check('a sentence', { needs: ['root', …] }, async context => …)
 *
 * The context is vitest's own, with two additions: `scratch()`, the path of a new temporary
 * folder, and `hold(resource)`. Both are released in reverse order when the test ends.
 *
 * Invariant: a test with needs runs under the host guard. What it leaves behind fails it, by name,
 * and what of that stands in the ledger is undone. (`guard: false` is for tests of the guard
 * itself.)
 */
import { test, type TestContext } from 'vitest';
import { changesSince, guardMark, sentence, snapshot } from './guard.ts';
import { undoAll } from './ledger.ts';
import { selfIdentity } from './proc/processes.ts';
import { firstUnmet, type Requirement } from './requires.ts';
import { scratchFolder } from './scratch.ts';

export interface CheckOptions {
  readonly needs?: readonly Requirement[];
  /** Whether the host is compared before and after; by default when there are needs. */
  readonly guard?: boolean;
  readonly timeoutMs?: number;
}

export type CheckContext = TestContext & {
  readonly scratch: () => Promise<string>;
  readonly hold: <T extends Disposable | AsyncDisposable>(resource: T) => T;
};

export type CheckBody = (context: CheckContext) => Promise<void> | void;

export function check(name: string, body: CheckBody): void;
export function check(name: string, options: CheckOptions, body: CheckBody): void;
export function check(name: string, ...rest: [CheckBody] | [CheckOptions, CheckBody]): void {
  const [options, body] = rest.length === 1 ? [{}, rest[0]] : rest;
  const { needs = [], guard = needs.length > 0, timeoutMs } = options;
  const settings = timeoutMs === undefined ? {} : { timeout: timeoutMs };
  // eslint-disable-next-line vitest/expect-expect, vitest/valid-title -- the caller gives both
  test(name, settings, async context => {
    const reason = firstUnmet(needs);
    if (reason !== undefined) context.skip(`NOT RUN: ${reason}`);
    await (guard ? guarded(() => held(context, body)) : held(context, body));
  });
}

async function held(context: TestContext, body: CheckBody): Promise<void> {
  await using stack = new AsyncDisposableStack();
  // A body that has run out of time does not come back: then it is given back here.
  context.onTestFinished(() => stack.disposeAsync());
  const additions = {
    scratch: () => Promise.resolve(stack.use(scratchFolder()).path),
    hold: <T extends Disposable | AsyncDisposable>(resource: T): T => {
      stack.use(resource);
      return resource;
    },
  };
  await body(Object.assign(context, additions));
}

async function guarded(body: () => Promise<void>): Promise<void> {
  guardMark();
  const before = await snapshot();
  const failure = await body().then(
    () => undefined,
    (cause: unknown) => ({ cause }),
  );
  const found = await changesSince(before);
  if (found.length > 0) await undoAll({ owner: selfIdentity() });
  const leak = `the host was left changed: ${found.map(sentence).join('; ')}`;
  if (failure === undefined && found.length > 0) throw new Error(leak);
  if (failure === undefined) return;
  // The test's own failure comes first; a leak is most often its consequence.
  if (found.length > 0 && failure.cause instanceof Error) failure.cause.message += `\n${leak}`;
  throw failure.cause;
}
