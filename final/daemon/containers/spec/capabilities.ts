// Which capabilities a container's processes have.
//
// - `capabilitiesOf(hostConfig)`: Docker's default ones, with what was added and dropped
// - `specCapabilities(names, uid)`: the five sets of a runtime configuration
//
// Whoever is not root has them in the bounding set alone. Source: capabilities(7).

import type { SpecCapabilities } from '../../../libcontainer/spec.ts';
import { allCapabilities, capabilityName } from '../create/verify-security.ts';
import type { HostConfig } from '../record/host-config.ts';

const defaults: readonly string[] = [
  'CAP_CHOWN',
  'CAP_DAC_OVERRIDE',
  'CAP_FSETID',
  'CAP_FOWNER',
  'CAP_MKNOD',
  'CAP_NET_RAW',
  'CAP_SETGID',
  'CAP_SETUID',
  'CAP_SETFCAP',
  'CAP_SETPCAP',
  'CAP_NET_BIND_SERVICE',
  'CAP_SYS_CHROOT',
  'CAP_KILL',
  'CAP_AUDIT_WRITE',
];

type Asked = Pick<HostConfig, 'CapAdd' | 'CapDrop' | 'Privileged'>;

export function capabilitiesOf({ CapAdd, CapDrop, Privileged }: Asked): readonly string[] {
  if (Privileged) return allCapabilities;
  const added = new Set((CapAdd ?? []).map(nameOf));
  const dropped = new Set((CapDrop ?? []).map(nameOf));
  const base = dropped.has('ALL') ? [] : added.has('ALL') ? allCapabilities : defaults;
  const extra = added.has('ALL') ? allCapabilities : [...added];
  const kept = dropped.has('ALL') ? extra : [...base, ...extra].filter(name => !dropped.has(name));
  return [...new Set(kept)];
}

function nameOf(written: string): string {
  if (['ALL', 'CAP_ALL'].includes(written.toUpperCase())) return 'ALL';
  return capabilityName(written) ?? written;
}

export function specCapabilities(names: readonly string[], uid: number): SpecCapabilities {
  const own = uid === 0 ? names : [];
  return { bounding: names, permitted: own, effective: own, inheritable: [], ambient: [] };
}
