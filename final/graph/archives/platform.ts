// For which machine an image is meant.
//
// - `platformOf(text)`: `linux/amd64`, or as JSON; undefined if nothing is said

import { invalid } from '../../engine/refusal.ts';
import { ownPlatform } from '../../libcontainer/layers.ts';

export interface Platform {
  readonly os: string;
  readonly architecture: string;
}

/** @throws Refusal INVALID */
export function platformOf(text: string | undefined): Platform | undefined {
  if (text === undefined || text === '') return undefined;
  const words = /^([a-z0-9]+)(?:\/([a-z0-9_]+))?(?:\/[a-z0-9]+)?$/i.exec(text);
  if (words === null) throw invalid(`${JSON.stringify(text)} is an invalid platform specifier`);
  const [, os = '', architecture] = words;
  if (os.toLowerCase() !== 'linux') {
    throw invalid(`operating system ${JSON.stringify(os)} is not supported`);
  }
  return { os: 'linux', architecture: architecture?.toLowerCase() ?? ownPlatform().architecture };
}
