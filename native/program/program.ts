// A container is a program of system calls; this file is its grammar.
//
// - `Step`: one line of a program, a plain value that can be printed, compared and sent
// - `step`: the constructors, by the names that the man pages use
// - `Namespace`, `cloneFlags`: the eight kinds and their flags
//
// The names of rights and resources stand in `names.ts`.
//
// The same grammar stands in Rust in `wire/src/lib.rs`. Both are tested against
// `wire/every-step.json`, which holds every step once, so neither can drift alone.

import type { Capability, ResourceName } from './names.ts';

/** The eight kinds of namespace, in the order of `/proc/PID/ns` (where `mount` is `mnt`). */
export const namespaceKinds = [
  'cgroup',
  'ipc',
  'mount',
  'net',
  'pid',
  'time',
  'user',
  'uts',
] as const;

export type Namespace = (typeof namespaceKinds)[number];

/** The `CLONE_NEW*` flag of each kind (linux/sched.h). */
export const cloneFlags: Readonly<Record<Namespace, number>> = {
  cgroup: 0x02000000,
  ipc: 0x08000000,
  mount: 0x00020000,
  net: 0x40000000,
  pid: 0x20000000,
  time: 0x00000080,
  user: 0x10000000,
  uts: 0x04000000,
};

export type Propagation = 'private' | 'slave' | 'shared' | 'unbindable';

export type MountFlag =
  | 'nosuid'
  | 'nodev'
  | 'noexec'
  | 'ro'
  | 'noatime'
  | 'relatime'
  | 'strictatime'
  | 'bind'
  | 'rec'
  | 'remount';

/** The five sets of capabilities(7), by the names of the constants. */
export interface CapabilitySets {
  readonly bounding: readonly Capability[];
  readonly effective: readonly Capability[];
  readonly permitted: readonly Capability[];
  readonly inheritable: readonly Capability[];
  readonly ambient: readonly Capability[];
}

/** `SECCOMP_FILTER_FLAG_*`, see seccomp(2). */
export type SeccompFlag = 'log' | 'spec-allow' | 'tsync';

/** S_IFBLK of a mode, see inode(7). */
export const blockDevice = 0o060_000;

/** One system call of the child, or the shortest row of calls that means one thing. */
export type Step =
  | { readonly call: 'barrier'; readonly name: string }
  | { readonly call: 'unshare'; readonly namespaces: readonly Namespace[] }
  | {
      readonly call: 'setns';
      readonly descriptor: number;
      readonly namespaces: readonly Namespace[];
    }
  | {
      readonly call: 'setTimeOffsets';
      readonly monotonicSeconds: number;
      readonly boottimeSeconds: number;
    }
  | { readonly call: 'fork'; readonly namespaces: readonly Namespace[] }
  | { readonly call: 'setHostname'; readonly name: string }
  | { readonly call: 'setDomainname'; readonly name: string }
  | {
      readonly call: 'setPropagation';
      readonly target: string;
      readonly propagation: Propagation;
      readonly recursive: boolean;
    }
  | {
      readonly call: 'mount';
      readonly source: string;
      readonly target: string;
      readonly type: string;
      readonly flags: readonly MountFlag[];
      readonly data: string;
    }
  | { readonly call: 'mountProc'; readonly target: string }
  | { readonly call: 'attach'; readonly descriptor: number; readonly target: string }
  | { readonly call: 'pivotRoot' }
  | { readonly call: 'changeRoot'; readonly path: string }
  | { readonly call: 'makeRootReadOnly' }
  | { readonly call: 'maskPaths'; readonly paths: readonly string[] }
  | { readonly call: 'protectPaths'; readonly paths: readonly string[] }
  | {
      readonly call: 'makeDevice';
      readonly path: string;
      readonly major: number;
      readonly minor: number;
      readonly mode: number;
      readonly owner?: { readonly uid: number; readonly gid: number };
    }
  | { readonly call: 'makeLink'; readonly path: string; readonly target: string }
  | { readonly call: 'makeFolder'; readonly path: string }
  | { readonly call: 'setSysctl'; readonly name: string; readonly value: string }
  | { readonly call: 'setOomScore'; readonly score: number }
  | {
      readonly call: 'setRlimit';
      readonly resource: ResourceName;
      readonly soft: number;
      readonly hard: number;
    }
  | { readonly call: 'setUmask'; readonly mask: number }
  | { readonly call: 'stayAsInit' }
  | {
      readonly call: 'setIds';
      readonly uid: number;
      readonly gid: number;
      readonly groups?: readonly number[];
    }
  | ({ readonly call: 'setCapabilities' } & CapabilitySets)
  | { readonly call: 'noNewPrivileges' }
  | {
      readonly call: 'installSeccomp';
      readonly descriptor: number;
      readonly flags: readonly SeccompFlag[];
    }
  | { readonly call: 'newSession' }
  | {
      readonly call: 'openTerminal';
      readonly devpts: string;
      readonly rows: number;
      readonly columns: number;
    }
  | { readonly call: 'changeDirectory'; readonly path: string }
  | { readonly call: 'exec'; readonly argv: readonly string[]; readonly env: readonly string[] }
  | { readonly call: 'keep'; readonly connection: number };

export type Call = Step['call'];

interface MountOptions {
  readonly flags?: readonly MountFlag[];
  readonly data?: string;
}

/** The constructors of steps. Each returns a value and does nothing. */
export const step = {
  /** Wait until the parent's `onBarrier` for this name has finished. */
  barrier: (name: string): Step => ({ call: 'barrier', name }),

  /** unshare(2): new namespaces for this process (`pid` and `time`: for its next child). */
  unshare: (namespaces: readonly Namespace[]): Step => ({ call: 'unshare', namespaces }),

  /** setns(2) with descriptor number `descriptor` of the request: a pidfd or a namespace. */
  setns: (descriptor: number, namespaces: readonly Namespace[]): Step => ({
    call: 'setns',
    descriptor,
    namespaces,
  }),

  /** Shifts the clocks of an unshared time namespace; before its first process. */
  setTimeOffsets: (offsets: { monotonicSeconds: number; boottimeSeconds: number }): Step => ({
    call: 'setTimeOffsets',
    ...offsets,
  }),

  /** clone3(2): a child goes on with the program, in the unshared or joined PID namespace. */
  fork: (namespaces: readonly Namespace[] = []): Step => ({ call: 'fork', namespaces }),

  /** sethostname(2), in a UTS namespace of our own. */
  setHostname: (name: string): Step => ({ call: 'setHostname', name }),

  /** setdomainname(2): the NIS domain name, the other half of a UTS namespace. */
  setDomainname: (name: string): Step => ({ call: 'setDomainname', name }),

  /** mount(2) with only a propagation flag, for `target` and all below it. */
  setPropagation: (propagation: Propagation, target = '/', recursive = true): Step => ({
    call: 'setPropagation',
    target,
    propagation,
    recursive,
  }),

  /** mount(2) of a file system of `type` onto `target`. */
  mount: (source: string, target: string, type: string, options: MountOptions = {}): Step => ({
    call: 'mount',
    source,
    target,
    type,
    flags: options.flags ?? [],
    data: options.data ?? '',
  }),

  /** A proc of our own PID namespace on `target`, checked to be one. */
  mountProc: (target = '/proc'): Step => ({ call: 'mountProc', target }),

  /**
   * move_mount(2): descriptor number `descriptor` of the request, a mount that hangs nowhere yet.
   * On `/` it becomes the root in which the paths of all later steps are resolved.
   */
  attach: (descriptor: number, target: string): Step => ({ call: 'attach', descriptor, target }),

  /** pivot_root(2) into the attached root; nothing of the old one stays in sight. */
  pivotRoot: (): Step => ({ call: 'pivotRoot' }),

  /** chroot(2): the old way, from which root escapes. */
  changeRoot: (path: string): Step => ({ call: 'changeRoot', path }),

  /** mount_setattr(2): the root read-only, and nothing that is mounted below it. */
  makeRootReadOnly: (): Step => ({ call: 'makeRootReadOnly' }),

  /** Hides each of `paths` that is there. */
  maskPaths: (paths: readonly string[]): Step => ({ call: 'maskPaths', paths }),

  /** Makes each of `paths` that is there read-only. */
  protectPaths: (paths: readonly string[]): Step => ({ call: 'protectPaths', paths }),

  /**
   * mknod(2); in a user namespace a bind of the host's. `mode` is that of mknod: with `blockDevice`
   * in it a block device, else a character device. Without an owner it is root's.
   */
  makeDevice: (
    path: string,
    major: number,
    minor: number,
    mode = 0o666,
    owner?: { readonly uid: number; readonly gid: number },
  ): Step => ({
    call: 'makeDevice',
    path,
    major,
    minor,
    mode,
    ...(owner === undefined ? {} : { owner }),
  }),

  /** symlink(2): `path` leads to `target`. */
  makeLink: (path: string, target: string): Step => ({ call: 'makeLink', path, target }),

  /** mkdir(2) of `path` and of the folders on the way; what is there stays. */
  makeFolder: (path: string): Step => ({ call: 'makeFolder', path }),

  /** write(2) to `/proc/sys/<name>`, after `mountProc` and before that is read-only. */
  setSysctl: (name: string, value: string): Step => ({ call: 'setSysctl', name, value }),

  /** write(2) to `/proc/self/oom_score_adj`; a refusal is no failure. */
  setOomScore: (score: number): Step => ({ call: 'setOomScore', score }),

  /** setrlimit(2); -1 is no limit. */
  setRlimit: (resource: ResourceName, soft: number, hard: number): Step => ({
    call: 'setRlimit',
    resource,
    soft,
    hard,
  }),

  /** umask(2) */
  setUmask: (mask: number): Step => ({ call: 'setUmask', mask }),

  /** fork(2): a child goes on with the program; PID 1 stays to reap and to pass on signals. */
  stayAsInit: (): Step => ({ call: 'stayAsInit' }),

  /** setgroups(2), setresgid(2), setresuid(2). Without `groups` they stay as they are. */
  setIds: (uid: number, gid: number, groups?: readonly number[]): Step => ({
    call: 'setIds',
    uid,
    gid,
    ...(groups === undefined ? {} : { groups }),
  }),

  /** capset(2) and prctl(2): these and no others, as far as they are held; after `setIds`. */
  setCapabilities: (sets: CapabilitySets): Step => ({ call: 'setCapabilities', ...sets }),

  /** prctl(PR_SET_NO_NEW_PRIVS): a set-uid program grants nothing any more. */
  noNewPrivileges: (): Step => ({ call: 'noNewPrivileges' }),

  /**
   * seccomp(2) with the filter in descriptor number `descriptor` of the request: instructions of
   * classic BPF. What comes behind it has to pass it.
   */
  installSeccomp: (descriptor: number, flags: readonly SeccompFlag[] = []): Step => ({
    call: 'installSeccomp',
    descriptor,
    flags,
  }),

  /** setsid(2): no longer of the parent's terminal. */
  newSession: (): Step => ({ call: 'newSession' }),

  /** A terminal from the container's own devpts becomes its standard streams. */
  openTerminal: (rows: number, columns: number, devpts = '/dev/pts'): Step => ({
    call: 'openTerminal',
    devpts,
    rows,
    columns,
  }),

  /** chdir(2) */
  changeDirectory: (path: string): Step => ({ call: 'changeDirectory', path }),

  /** execve(2): the application takes the init's place. `env` holds `NAME=value` entries. */
  exec: (argv: readonly string[], env: readonly string[]): Step => ({ call: 'exec', argv, env }),

  /** In place of `exec`: the init becomes a keeper that listens to this descriptor. */
  keep: (connection: number): Step => ({ call: 'keep', connection }),
} as const;
