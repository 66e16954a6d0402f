// The controllers (the classic texts say subsystems): one name for each, in both
// worlds.
//
// - Controller, controllers: the list, in the order in which it is shown
// - about: one line of what each is for
// - twin: how version 2 offers what version 1 calls by this name
//
// Version 1 names are used throughout because they are the finer ones: v1 has `cpuacct`
// apart from `cpu`, and `freezer` and `devices` are controllers there; v2 folded them
// into others, into the core, or into eBPF.
// Source: Documentation/admin-guide/cgroup-v1 and cgroup-v2.rst, cgroups(7).

export const controllers = [
  'cpu',
  'cpuacct',
  'cpuset',
  'memory',
  'blkio',
  'pids',
  'devices',
  'freezer',
  'hugetlb',
  'net_cls',
  'net_prio',
  'perf_event',
  'rdma',
  'misc',
] as const;

export type Controller = (typeof controllers)[number];

export function isController(name: string): name is Controller {
  return controllers.some(controller => controller === name);
}

// #region about
export const about: Readonly<Record<Controller, string>> = {
  cpu: 'how much processor time: a quota per period, and shares',
  cpuacct: 'counts the processor time used',
  cpuset: 'which processors and memory nodes',
  memory: 'how much memory and swap, and what it was used for',
  blkio: 'how fast to and from block devices, and shares of it',
  pids: 'how many processes and threads',
  devices: 'which device files may be opened',
  freezer: 'stops and continues all processes at once',
  hugetlb: 'how many huge pages',
  net_cls: 'a class number on every packet, for tc and the firewall',
  net_prio: 'a priority on every packet, per network interface',
  perf_event: 'lets perf count events of one group',
  rdma: 'how many RDMA handles and objects',
  misc: 'how many of other counted things (encrypted VM identifiers)',
};
// #endregion

/**
 * How version 2 offers a controller:
 * `controller` it is listed in cgroup.controllers under this name;
 * `core` every group has it; `none` it has no files, and `why` says what replaced it.
 */
export type Twin =
  | { readonly as: 'controller'; readonly name: string }
  | { readonly as: 'core' }
  | { readonly as: 'none'; readonly why: string };

const same = (name: string): Twin => ({ as: 'controller', name });
const core: Twin = { as: 'core' };
const none = (why: string): Twin => ({ as: 'none', why });

export const twin: Readonly<Record<Controller, Twin>> = {
  cpu: same('cpu'),
  cpuacct: core, // cpu.stat counts in every group, even without the cpu controller
  cpuset: same('cpuset'),
  memory: same('memory'),
  blkio: same('io'),
  pids: same('pids'),
  devices: core, // no file: the rules are an eBPF program on the group
  freezer: core, // cgroup.freeze
  hugetlb: same('hugetlb'),
  net_cls: none(
    'version 2 has no classid: match the group itself (nft socket cgroupv2)',
  ),
  net_prio: none(
    'version 2 has no priorities: match the group itself in nftables or tc',
  ),
  perf_event: core, // implicit: perf takes any v2 group
  rdma: same('rdma'),
  misc: same('misc'),
};
