// When an image was made, as its configuration says it, and as the API shows it.
//
// - `shownTime(text)`: RFC 3339 as Go writes it, without trailing zeros; '' if there is none
// - `secondsOf(text)`: since 1970, whole; 0 if there is none
// - `nanosecondsOf(text)`: exactly, for comparisons

import { parseMoment } from '../../api/moments.ts';

export const never = '0001-01-01T00:00:00Z';

export function shownTime(text: string | null | undefined): string {
  return (text ?? '').replace(/(\.\d*?)0+(?=[Z+-]|$)/, '$1').replace(/\.(?=[Z+-]|$)/, '');
}

export function secondsOf(text: string | null | undefined): number {
  const ms = Date.parse(text ?? '');
  return Number.isNaN(ms) ? 0 : Math.floor(ms / 1000);
}

export function nanosecondsOf(text: string | null | undefined): bigint {
  return parseMoment(text ?? '') ?? 0n;
}
