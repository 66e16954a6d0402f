// IPv6 inside a container: only by networks that have it.
//
// - `setIpv6(where, link, isOn)`: of one link, or of `default`, as which new links are born
// - `bornWith()`: what a container's init sets once its links are there, as kernel settings
//
// A link that nobody has given an address of version 6 would give itself one, and whoever is on the
// same bridge could talk to the container by it, past what its networks allow. A namespace that
// waits for its container is without, so that its links are born so: less work for each start.
// Source: ip-sysctl in the kernel's documentation, disable_ipv6.

import { existsSync } from 'node:fs';
import { setInNetwork } from '@slipway/native';

/** False on a kernel that was started without it. */
const hasIpv6 = (): boolean => existsSync('/proc/sys/net/ipv6');

export function setIpv6(where: { readonly descriptor: number }, link: string, isOn: boolean): void {
  if (hasIpv6()) setInNetwork(where, `net/ipv6/conf/${link}/disable_ipv6`, isOn ? '0' : '1');
}

/** Links that the container makes itself are as anywhere. */
export function bornWith(): Readonly<Record<string, string>> {
  return hasIpv6() ? { 'net/ipv6/conf/default/disable_ipv6': '0' } : {};
}
