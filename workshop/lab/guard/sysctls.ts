/**
 * The kernel's settings that Slipway touches, or must not touch while it makes namespaces. Value:
 * theirs.
 *
 * The host's name is among them: a hostname set in the wrong UTS namespace is the classic accident.
 */
import { readFileSync } from 'node:fs';
import type { Fact, Kind } from './state.ts';

const watched = [
  'kernel.domainname',
  'kernel.hostname',
  'kernel.apparmor_restrict_unprivileged_userns',
  'kernel.sched_rt_runtime_us',
  'kernel.unprivileged_userns_clone',
  'net.bridge.bridge-nf-call-iptables',
  'net.ipv4.conf.all.forwarding',
  'net.ipv4.conf.all.route_localnet',
  'net.ipv4.conf.all.rp_filter',
  'net.ipv4.conf.default.rp_filter',
  'net.ipv4.ip_forward',
  'net.ipv4.ip_unprivileged_port_start',
  'net.ipv6.conf.all.forwarding',
  'net.netfilter.nf_conntrack_max',
  'user.max_net_namespaces',
  'user.max_user_namespaces',
  'vm.overcommit_memory',
];

export const sysctls: Kind = {
  name: 'sysctl',
  read() {
    const facts: Record<string, Fact> = {};
    for (const name of watched) {
      const value = readSysctl(name);
      if (value !== undefined) facts[name] = { value };
    }
    return facts;
  },
  // A module that was loaded meanwhile brings its settings along; nobody set them.
  foreign: ({ change }) => change !== 'changed',
};

function readSysctl(name: string): string | undefined {
  try {
    return readFileSync(`/proc/sys/${name.replaceAll('.', '/')}`, 'utf8').trim();
  } catch {
    return undefined;
  }
}
