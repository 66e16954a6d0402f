// A container's way out of its networks.
//
// - `release(parts, container)`: of all of them, when it has ended; can be repeated
// - `withdraw(host, ports)`: nothing leads there any more
//
// Its cables go with its namespace. Only where others live in that namespace, which outlives it
// then, they are taken away here: the addresses will be somebody else's.

import { NetlinkError } from '@slipway/native';
import {
  deleteLink,
  findLink,
  isLed,
  unpublish,
  type NetworkHost,
  type Published,
} from '../../libcontainer/network.ts';
import { tell, type Parts } from '../parts.ts';

export function release(parts: Parts, { id }: { readonly id: string }): void {
  const { leases, sandboxes, host, catalogue } = parts;
  const mine = leases.of(id);
  const sandbox = sandboxes.get(id);
  withdraw(
    host,
    mine.flatMap(({ ports }) => ports),
  );
  if (sandbox && isShared(parts, id)) {
    for (const cable of sandbox.cables.values()) removeCable(host, cable);
  }
  sandbox?.[Symbol.dispose]();
  sandboxes.delete(id);
  leases.giveBack(mine);
  for (const { network } of mine) {
    const record = catalogue.look(network);
    if (record) tell(parts, 'disconnect', record, id);
  }
}

function isShared({ containers }: Parts, id: string): boolean {
  for (const { state, hostConfig } of containers.all()) {
    if (state.pid === 0 || !hostConfig.NetworkMode.startsWith('container:')) continue;
    if (containers.find(hostConfig.NetworkMode.slice(10)).id === id) return true;
  }
  return false;
}

/** All at once; one by one, if somebody has taken some of them away. */
export function withdraw({ firewall }: NetworkHost, ports: readonly Published[]): void {
  const led = ports.filter(isLed);
  if (ignoring('ENOENT', () => unpublish(firewall, led))) return;
  for (const port of led) ignoring('ENOENT', () => unpublish(firewall, [port]));
}

export function removeCable({ route }: NetworkHost, name: string): void {
  const link = findLink(route, name);
  if (link) ignoring('ENODEV', () => route.talk([deleteLink(link.index)]));
}

/** Whether it was done; if it is gone already, so much the better. */
function ignoring(code: string, act: () => void): boolean {
  try {
    act();
    return true;
  } catch (error) {
    if (!(error instanceof NetlinkError) || error.code !== code) throw error;
    return false;
  }
}
