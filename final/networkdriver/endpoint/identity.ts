// Ids and names of what a container has in a network, derived and kept nowhere.
//
// - `endpointId(container, network)`, `sandboxId(container)`: 64 hexadecimal digits, ever the same
// - `dnsNames(container, asked)`: how its neighbours can call it

import { createHash } from 'node:crypto';
import type { NetworkedContainer } from '../driver.ts';
import type { AskedEndpoint } from '../settings.ts';

function digest(...parts: readonly string[]): string {
  return createHash('sha256').update(parts.join('/')).digest('hex');
}

export function endpointId(container: string, network: string): string {
  return digest('endpoint', container, network);
}

export function sandboxId(container: string): string {
  return digest('sandbox', container);
}

/** Name, aliases, the short id, the host name; each once. */
export function dnsNames(
  { id, name, config }: Pick<NetworkedContainer, 'id' | 'name' | 'config'>,
  { Aliases }: Pick<AskedEndpoint, 'Aliases'>,
): readonly string[] {
  const all = [name, ...(Aliases ?? []), id.slice(0, 12), config.Hostname];
  return [...new Set(all.filter(one => one !== ''))];
}
