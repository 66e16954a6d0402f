// The same for each of several names: one that fails does not keep the others from it.
//
// - `forEach(context, names, work)`   prints each name that went well; 1 if one did not

import type { Context } from '../../command.ts';
import { Failure } from '../../failure.ts';

/** What the work returns where there is nothing to be told of. */
export const nothing = Symbol('nothing');

export async function forEach(
  { out, err }: Context,
  names: readonly string[],
  work: (name: string) => Promise<unknown>,
): Promise<number> {
  const done = await Promise.allSettled(names.map(async name => work(name)));
  let status = 0;
  for (const [index, one] of done.entries()) {
    if (one.status === 'fulfilled') {
      if (one.value !== nothing) out.write(`${names[index]}\n`);
      continue;
    }
    if (!(one.reason instanceof Failure)) throw one.reason;
    err.write(`${one.reason.message}\n`);
    status = 1;
  }
  return status;
}
