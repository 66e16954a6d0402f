// Times of a log: texts that can be compared as texts.
//
// - `timeKey(written)`: RFC 3339 with exactly nine digits, as `--timestamps` shows it
// - `keyOfMoment(nanoseconds)`: the same of a moment
//
// The keeper writes UTC, so the order of the texts is that of the moments.

const digits = 9;

export function timeKey(written: string): string {
  // 2026-01-02T03:04:05.678901234Z
  if (written.length === 30) return written;
  const whole = written.slice(0, 19);
  const fraction = /^\.(\d+)/.exec(written.slice(19))?.[1] ?? '';
  return `${whole}.${fraction.slice(0, digits).padEnd(digits, '0')}Z`;
}

export function keyOfMoment(nanoseconds: bigint): string {
  const second = 1_000_000_000n;
  const fraction = ((nanoseconds % second) + second) % second;
  const ms = Number((nanoseconds - fraction) / 1_000_000n);
  // A year outside of four digits would not sort; nothing was logged there.
  const [earliest, latest] = [-62_135_596_800_000, 253_402_300_799_000];
  const date = new Date(Math.min(Math.max(ms, earliest), latest));
  return `${date.toISOString().slice(0, 19)}.${fraction.toString().padStart(digits, '0')}Z`;
}
