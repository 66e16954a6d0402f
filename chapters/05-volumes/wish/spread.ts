// The words of propagation: Docker's, which are mount(8)'s without `make-`.
//
// - `readSpread(word)`: undefined if it is another word

import type { Spread } from './mount-request.ts';

export const usualSpread: Spread = { kind: 'private', recursive: true };

export function readSpread(word: string): Spread | undefined {
  const found = /^(r?)(private|slave|shared)$/.exec(word);
  const kind = found?.[2];
  if (kind !== 'private' && kind !== 'slave' && kind !== 'shared') return undefined;
  return { kind, recursive: found?.[1] === 'r' };
}
