// Points of time as Docker's API writes them.
//
// - `Moment`                nanoseconds since 1970: more than a number can hold exactly
// - `parseMoment(text)`     `1795465737.000000001`, RFC 3339, or how long ago: `1h30m`
// - `formatMoment(moment)`  RFC 3339 with as many digits as it needs, in UTC
//
// Docker's client turns what a user writes into seconds before it asks; other clients do not.

export type Moment = bigint;

const second = 1_000_000_000n;

/** Undefined if it is none. */
export function parseMoment(text: string, nowMs: number = Date.now()): Moment | undefined {
  const seconds = /^(-?)(\d{1,11})(?:\.(\d{1,9}))?$/.exec(text);
  if (seconds !== null) {
    const [, sign, whole = '0', fraction = ''] = seconds;
    const value = BigInt(whole) * second + BigInt(fraction.padEnd(9, '0'));
    return sign === '-' ? -value : value;
  }
  return parseDate(text) ?? parseAgo(text, nowMs);
}

function parseDate(text: string): Moment | undefined {
  const date =
    /^(\d{4}-\d\d-\d\d)(?:T(\d\d(?::\d\d(?::\d\d)?)?)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)?)?$/.exec(
      text,
    );
  if (date === null) return undefined;
  const [, day = '', time = '00:00:00', fraction = '', zone = 'Z'] = date;
  const clock = time.padEnd(8, ':00:00'.slice(time.length === 5 ? 3 : 0));
  const ms = Date.parse(`${day}T${clock}${zone}`);
  if (Number.isNaN(ms)) return undefined;
  return BigInt(ms) * 1_000_000n + BigInt(fraction.padEnd(9, '0'));
}

const unitsMs: Readonly<Record<string, number>> = {
  h: 3_600_000,
  m: 60_000,
  s: 1000,
  ms: 1,
  us: 0.001,
  µs: 0.001,
  ns: 0.000_001,
};

function parseAgo(text: string, nowMs: number): Moment | undefined {
  const ms = parseDurationMs(text);
  return ms === undefined ? undefined : BigInt(Math.round((nowMs - ms) * 1000)) * 1000n;
}

/** Go's durations: `1h30m`, `1.5s`, `100ms`. Undefined if it is none. */
export function parseDurationMs(text: string): number | undefined {
  if (!/^(?:\d{1,15}(?:\.\d{1,15})?(?:h|ms|m|s|us|µs|ns))+$/.test(text)) return undefined;
  const parts = [...text.matchAll(/([\d.]+)(h|ms|m|s|us|µs|ns)/g)];
  return parts.reduce(
    (sum, [, count, unit = 's']) => sum + Number(count) * (unitsMs[unit] ?? 0),
    0,
  );
}

export function formatMoment(moment: Moment): string {
  const fraction = ((moment % second) + second) % second;
  const seconds = Number((moment - fraction) / second);
  const whole = new Date(seconds * 1000).toISOString().slice(0, 19);
  const digits = fraction.toString().padStart(9, '0').replace(/0+$/, '');
  return `${whole}${digits === '' ? '' : `.${digits}`}Z`;
}
