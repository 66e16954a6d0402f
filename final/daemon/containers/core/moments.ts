// Moments as Docker writes them in records: RFC 3339 with up to nine digits, in UTC.
//
// - `formatTime(moment)`, `timeOf(written)`: nanoseconds since 1970 and back
// - `never`: Go's zero time, for what has not happened

import { formatMoment, parseMoment, type Moment } from '../../../api/moments.ts';
import { never } from '../record/state.ts';

export { never };
export type { Moment };

export const formatTime = formatMoment;

/** Undefined for what has never happened. */
export function timeOf(written: string): Moment | undefined {
  return written === never ? undefined : parseMoment(written);
}
