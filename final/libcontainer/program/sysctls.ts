// Kernel settings of a container's own namespaces.
//
// - `sysctlSteps(settings, own)`: the steps, or a refusal
//
// Only what the kernel keeps once a namespace can be set: anything else would be the machine's.
// Sources: sysctl(8), ipc_namespaces(7), network_namespaces(7).

import { step, type Namespace, type Step } from '@slipway/native';
import { invalid } from '../../engine/refusal.ts';

const ofIpc = new Set([
  ...['msgmax', 'msgmnb', 'msgmni', 'sem', 'shmall', 'shmmax', 'shmmni', 'shm_rmid_forced'].map(
    name => `kernel/${name}`,
  ),
]);

const nobodys = 'is not in a separate kernel namespace';

/** In the words of runc. */
const refusals: Partial<Readonly<Record<Namespace, string>>> = {
  net: 'not allowed in host network namespace',
  ipc: 'is not allowed in the hosts ipc namespace',
};

/** @throws Refusal INVALID naming the first that is not the container's own */
export function sysctlSteps(
  settings: Readonly<Record<string, string>>,
  own: ReadonlySet<Namespace>,
): readonly Step[] {
  return Object.entries(settings).map(([written, value]) => {
    const name = pathOf(written);
    const namespace = namespaceOf(name);
    if (namespace === undefined || !own.has(namespace)) {
      const what = `sysctl ${JSON.stringify(written)}`;
      const why = namespace === undefined ? nobodys : (refusals[namespace] ?? nobodys);
      throw invalid(`${what} ${why}`);
    }
    return step.setSysctl(name, value);
  });
}

/** `net.ipv4.x` and `net/ipv4/x` are the same; what comes first in it says how it is written. */
function pathOf(written: string): string {
  const separator = /[./]/.exec(written)?.[0];
  if (separator !== '.') return written;
  // A dot inside of a name (of a VLAN's device) is written as a slash.
  return written.replaceAll(/[./]/g, letter => (letter === '.' ? '/' : '.'));
}

function namespaceOf(name: string): Namespace | undefined {
  if (name.startsWith('net/')) return 'net';
  if (name.startsWith('fs/mqueue/') || ofIpc.has(name)) return 'ipc';
  return name === 'kernel/domainname' ? 'uts' : undefined;
}
