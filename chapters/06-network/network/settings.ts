// Settings of the host's network that a router needs.
//
// - `neededSettings()`: which, and what they are now; only those that have to change
// - `change`, `restore`
//
// A Linux machine throws away what is not for itself; a router passes it on. These are
// switches of the whole namespace, so what they were before is written down first, and
// written back when the last network goes. Source: ip-sysctl in the kernel's
// documentation.

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { hasCode } from '@slipway/volumes/store/claim.ts';

export interface Setting {
  /** Below /proc/sys. */
  readonly path: string;
  readonly value: string;
  readonly previous: string;
}

export function hasIpv6(): boolean {
  return read('net/ipv6/conf/all/disable_ipv6') === '0';
}

/** What has to change for this host to route; in the order of changing. */
export function neededSettings(): readonly Setting[] {
  const wanted: [path: string, value: string][] = [['net/ipv4/ip_forward', '1']];
  const forwarding = 'net/ipv6/conf/all/forwarding';
  // The last one to be changed: who is a router already has the others behind him.
  if (hasIpv6() && read(forwarding) !== '1') {
    // A router does not listen to other routers; a host that has its own way out from
    // one would lose it. 2 means: listen all the same.
    for (const link of readdirSync('/proc/sys/net/ipv6/conf')) {
      const path = `net/ipv6/conf/${link}/accept_ra`;
      if (read(path) === '1') wanted.push([path, '2']);
    }
    wanted.push([forwarding, '1']);
  }
  return wanted.flatMap(([path, value]) => {
    const previous = read(path);
    return previous === undefined || previous === value
      ? []
      : [{ path, value, previous }];
  });
}

export function change({ path, value }: Setting): void {
  writeFileSync(`/proc/sys/${path}`, value);
}

/** Writes back what was there, unless somebody else has changed it since. */
export function restore({ path, value, previous }: Setting): void {
  if (read(path) === value) writeFileSync(`/proc/sys/${path}`, previous);
}

/** Packets from 127.0.0.1 may leave by this link, and answers come in. */
export function routeLoopback(link: string): void {
  writeFileSync(`/proc/sys/net/ipv4/conf/${link}/route_localnet`, '1');
}

/** undefined if this kernel has no such setting, or the link is gone. */
function read(path: string): string | undefined {
  try {
    return readFileSync(`/proc/sys/${path}`, 'utf8').trim();
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}
