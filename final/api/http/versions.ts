// The versions of the API: what a path's prefix asks for.
//
// - `newest`, `oldest`       what this engine speaks
// - `splitVersion(path)`     `/v1.45/info` → 1.45 and `/info`; without a prefix the newest
// - `isBefore(a, b)`, `formatVersion(version)`
//
// A client asks `/_ping`, reads `Api-Version` in the answer's head and then speaks the newest
// version that both know. An engine answers an older version in that version's words.

import { invalid } from '../../engine/refusal.ts';
import type { ApiVersion } from '../route.ts';

export const newest: ApiVersion = { major: 1, minor: 51 };
export const oldest: ApiVersion = { major: 1, minor: 24 };

export function isBefore(one: ApiVersion, other: ApiVersion): boolean {
  return one.major === other.major ? one.minor < other.minor : one.major < other.major;
}

export function formatVersion({ major, minor }: ApiVersion): string {
  return `${major}.${minor}`;
}

export interface VersionedPath {
  readonly version: ApiVersion;
  readonly path: string;
}

/** @throws Refusal INVALID if this engine does not speak it */
export function splitVersion(path: string): VersionedPath {
  const prefix = /^\/v(\d{1,4})(?:\.(\d{1,4}))?(?:\.\d+)*(\/.*)$/s.exec(path);
  if (prefix === null) return { version: newest, path };
  const [, major = '', minor, rest = ''] = prefix;
  const version = { major: Number(major), minor: Number(minor ?? 0) };
  const asked = minor === undefined ? major : formatVersion(version);
  if (isBefore(version, oldest)) {
    throw invalid(
      `client version ${asked} is too old. Minimum supported API version is ` +
        `${formatVersion(oldest)}, please upgrade your client to a newer version`,
    );
  }
  if (isBefore(newest, version)) {
    throw invalid(
      `client version ${asked} is too new. ` +
        `Maximum supported API version is ${formatVersion(newest)}`,
    );
  }
  return { version, path: rest };
}
