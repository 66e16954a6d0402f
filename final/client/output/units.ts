// Sizes and ages as docker writes them.
//
// - `goTime(seconds)`        `2026-01-02 15:04:05 +0000 UTC`
// - `humanSize(bytes)`       `1.98MB`: powers of 1000, four digits at most
// - `binarySize(bytes)`      `1.5MiB`: powers of 1024
// - `humanAge(seconds)`      `2 minutes`, `About an hour`

const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB', 'EB'];

export function humanSize(bytes: number, digits = 4): string {
  let size = bytes;
  let unit = 0;
  while (size >= 1000 && unit < units.length - 1) {
    size /= 1000;
    unit += 1;
  }
  return `${Number(size.toPrecision(digits))}${units[unit]}`;
}

export function binarySize(bytes: number): string {
  let size = bytes;
  let unit = 0;
  while (size >= 1024 && unit < units.length - 1) {
    size /= 1024;
    unit += 1;
  }
  const name = (units[unit] ?? '').replace(/^k/, 'K').replace(/^(.)B$/, '$1iB');
  return `${Number(size.toPrecision(4))}${name}`;
}

/** As Go prints a time. */
export function goTime(seconds: number): string {
  const text = new Date(seconds * 1000).toISOString();
  return `${text.slice(0, 10)} ${text.slice(11, 19)} +0000 UTC`;
}

export function humanAge(seconds: number): string {
  const s = Math.max(0, Math.floor(seconds));
  if (s < 1) return 'Less than a second';
  if (s === 1) return '1 second';
  if (s < 60) return `${s} seconds`;
  const minutes = Math.floor(s / 60);
  if (minutes === 1) return 'About a minute';
  if (minutes < 60) return `${minutes} minutes`;
  const hours = Math.round(s / 3600);
  if (hours === 1) return 'About an hour';
  if (hours < 48) return `${hours} hours`;
  if (hours < 24 * 7 * 2) return `${Math.floor(hours / 24)} days`;
  if (hours < 24 * 30 * 2) return `${Math.floor(hours / 24 / 7)} weeks`;
  if (hours < 24 * 365 * 2) return `${Math.floor(hours / 24 / 30)} months`;
  return `${Math.floor(hours / 24 / 365)} years`;
}
