// Which networks go together in one container.
//
// - `refuseMixture(container, record, look)`: whether it may be in this one, beside its others
// - `refuseShared(container)`: whoever lives in another's network is in no other
//
// The host's network and none are whole: there is no second one beside them. Source:
// updateNetworkSettings in daemon/container_operations.go of moby.

import { invalid } from '../../engine/refusal.ts';
import type { NetworkedContainer } from '../driver.ts';
import type { NetworkRecord } from '../network/record.ts';

const shared =
  'container sharing network namespace with another container or host cannot be connected to any ' +
  'other network';

/** @throws Refusal INVALID */
export function refuseShared({ hostConfig }: NetworkedContainer): void {
  if (hostConfig.NetworkMode.startsWith('container:')) throw invalid(shared);
}

/** @throws Refusal INVALID */
export function refuseMixture(
  { hostConfig, networks }: NetworkedContainer,
  record: NetworkRecord,
  look: (name: string) => NetworkRecord | undefined,
): void {
  if (record.driver === 'host' && hostConfig.NetworkMode !== 'host') {
    throw invalid(
      'container cannot be disconnected from host network or connected to host network',
    );
  }
  for (const name of Object.keys(networks)) {
    const other = look(name);
    if (other === undefined) continue;
    if (other.name === record.name) return;
    if (other.driver === 'host' || record.driver === 'host') throw invalid(shared);
    if (other.driver !== 'null' && record.driver !== 'null') continue;
    throw invalid(
      'container cannot be connected to multiple networks with one of the networks in private ' +
        '(none) mode',
    );
  }
}
