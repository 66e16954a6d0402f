// How much was copied, told where a person looks.
//
// - `tellCopied(context, copied, bytes, where)`

import type { Context } from '../../command.ts';
import { humanSize } from '../../output/units.ts';

export function tellCopied(
  { err }: Context,
  { quiet }: { readonly quiet?: boolean },
  bytes: number,
  where: string,
): void {
  if (quiet === true || !err.isTTY) return;
  err.write(`Successfully copied ${humanSize(bytes, 3)} to ${where}\n`);
}
