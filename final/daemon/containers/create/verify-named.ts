// What is refused of a create request after its name: security options, storage, links.
//
// - `verifyNamed(containers, hostConfig)`: the links, by id; throws INVALID with Docker's words
//
// Docker asks these when the image is found and the name is taken; so a request with a wrong name
// and a wrong option hears of the name. Source: daemon/create.go and daemon_unix.go of moby.

import { invalid, Refusal } from '../../../engine/refusal.ts';
import type { Containers } from '../core/containers.ts';
import type { HostConfig } from '../record/host-config.ts';
import type { ContainerRecord } from '../record/record.ts';
import { sharedWith } from './verify-modes.ts';
import { securityOf } from './verify-security.ts';

export function verifyNamed(
  containers: Containers,
  hostConfig: HostConfig,
): Readonly<Record<string, string>> | undefined {
  securityOf(hostConfig);
  if (Object.keys(hostConfig.StorageOpt ?? {}).length > 0) {
    const rule = "is supported only for overlay over xfs with 'pquota' mount option";
    throw invalid(`--storage-opt ${rule}`);
  }
  const { NetworkMode, Links } = hostConfig;
  if (!['bridge', 'host', 'none'].includes(NetworkMode) || !Links?.length) return undefined;
  return Object.fromEntries(Links.map(link => readLink(containers, link)));
}

/** An alias, and whose it is. */
function readLink(containers: Containers, link: string): readonly [string, string] {
  const [name = '', alias = name, ...rest] = link.split(':');
  if (link === '') throw invalid('empty string specified for links');
  if (rest.length > 0) throw invalid(`bad format for links: ${link}`);
  let other = neighbour(containers, name);
  for (let next = joined(other); next !== undefined; next = joined(other)) {
    other = neighbour(containers, next);
  }
  if (other.hostConfig.NetworkMode !== 'host') return [lastOf(alias), other.id];
  throw invalid(
    "conflicting options: host type networking can't be used with links. This would result in " +
      'undefined behavior',
  );
}

/** `/web/db`, as `inspect` writes an alias. */
const lastOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

function joined({ hostConfig }: ContainerRecord): string | undefined {
  return sharedWith(hostConfig.NetworkMode);
}

function neighbour(containers: Containers, reference: string): ContainerRecord {
  try {
    return containers.find(reference);
  } catch (cause) {
    if (!(cause instanceof Refusal)) throw cause;
    throw invalid(`could not get container for ${reference}: ${cause.message}`, { cause });
  }
}
