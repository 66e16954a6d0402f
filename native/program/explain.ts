// A program as a person reads it: every call as in C, with one line of why.
//
// - `explainProgram`: the lines of a whole request, parent's calls first
// - `explainStep`: one step's calls and its reason
//
// Nothing is run. The texts speak of the call, not of the chapter that uses it.

import { type Explained, explainRights, type RightsStep } from './explain-rights.ts';
import { blockDevice, cloneFlags, type MountFlag, type Namespace, type Step } from './program.ts';

/** What the lines of a request are made from. */
export interface ExplainedRequest {
  readonly namespaces?: readonly Namespace[];
  readonly cgroups?: readonly string[];
  readonly program: readonly Step[];
}

/** The calls of a request in order: the birth by the parent, then the child's steps. */
export function explainProgram(request: ExplainedRequest): readonly Explained[] {
  const groups = explainGroups(request);
  const kinds = request.namespaces ?? [];
  const atBirth = groups.length === 0 ? kinds : kinds.filter(kind => kind !== 'cgroup');
  const flags = flagNames(atBirth, ['CLONE_VM', 'CLONE_VFORK', 'CLONE_PIDFD']);
  return [
    { code: `clone3(${flags})`, why: 'a child with these views of its own; no memory is copied' },
    ...groups,
    { code: 'execveat(slipway-init)', why: 'one thread, static, sealed: it reads the rest' },
    ...request.program.map(explainStep),
  ];
}

/** The groups, and the cgroup namespace behind them: its root is where its maker is. */
function explainGroups(request: ExplainedRequest): readonly Explained[] {
  const folders = request.cgroups ?? [];
  if (folders.length === 0) return [];
  const entered = folders.map(folder => ({
    code: `enter("${folder}")`,
    why: 'inside the control group before the first instruction',
  }));
  if (!request.namespaces?.includes('cgroup')) return entered;
  const hidden = { code: 'unshare(CLONE_NEWCGROUP)', why: unshareReasons.cgroup };
  return [...entered, hidden];
}

/** The calls behind one step, and why they are made. */
export function explainStep(step: Step): Explained {
  switch (step.call) {
    case 'barrier':
      return { code: `read(channel)`, why: `the parent does its part first: ${step.name}` };
    case 'unshare':
      return {
        code: `unshare(${flagNames(step.namespaces)})`,
        why: step.namespaces.map(kind => unshareReasons[kind]).join('; '),
      };
    case 'setns':
      return {
        code: `setns(descriptor ${step.descriptor}, ${flagNames(step.namespaces)})`,
        why: 'a namespace that is there already, in place of a new one',
      };
    case 'setTimeOffsets':
      return {
        code:
          `write("/proc/self/timens_offsets", ` +
          `"monotonic ${step.monotonicSeconds}, boottime ${step.boottimeSeconds}")`,
        why: 'shifts its clocks; possible only before the first process is inside',
      };
    case 'fork':
      return {
        code: `clone3(${flagNames(step.namespaces, ['CLONE_PARENT'])})`,
        why: 'pid and time namespaces take in only children; this child goes on',
      };
    case 'setSysctl':
    case 'setOomScore':
    case 'setRlimit':
    case 'setUmask':
    case 'setCapabilities':
    case 'noNewPrivileges':
    case 'installSeccomp':
      return explainRights(step);
    default:
      return explainPlace(step);
  }
}

const unshareReasons: Readonly<Record<Namespace, string>> = {
  cgroup: 'the group that it is in becomes the root that it sees',
  ipc: 'queues, semaphores and shared memory of its own',
  mount: 'a table of mounts of its own, so far a copy',
  net: 'devices, addresses and ports of its own: so far lo, down',
  pid: 'process numbers of its own, for its next child',
  time: 'clocks of its own, for its next child',
  user: 'users of its own, so far nobody',
  uts: 'a host name of its own',
};

type PlaceStep = Exclude<
  Step,
  { call: 'barrier' | 'unshare' | 'setns' | 'setTimeOffsets' | 'fork' } | RightsStep
>;

function explainPlace(step: PlaceStep): Explained {
  switch (step.call) {
    case 'setHostname':
      return { code: `sethostname("${step.name}")`, why: 'seen in this UTS namespace only' };
    case 'setDomainname':
      return { code: `setdomainname("${step.name}")`, why: 'seen in this UTS namespace only' };
    case 'setPropagation': {
      const flags = `MS_${step.propagation.toUpperCase()}${step.recursive ? '|MS_REC' : ''}`;
      return {
        code: `mount(NULL, "${step.target}", NULL, ${flags}, NULL)`,
        why: 'what is mounted here from now on stays here',
      };
    }
    case 'mount':
      return {
        code:
          `mount("${step.source}", "${step.target}", "${step.type}", ` +
          `${mountFlagNames(step.flags)}, ${step.data === '' ? 'NULL' : `"${step.data}"`})`,
        why: `a ${step.type} that only this mount namespace has`,
      };
    case 'mountProc':
      return {
        code: `mount("proc", "${step.target}", "proc", MS_NOSUID|MS_NODEV|MS_NOEXEC, NULL)`,
        why: "the old one still shows the host's processes",
      };
    case 'attach':
    case 'pivotRoot':
    case 'changeRoot':
    case 'makeRootReadOnly':
    case 'maskPaths':
    case 'protectPaths':
    case 'makeDevice':
    case 'makeLink':
    case 'makeFolder':
      return explainRoot(step);
    case 'stayAsInit':
      return {
        code: 'fork()',
        why: 'the child goes on; PID 1 stays to reap and to pass on signals',
      };
    case 'setIds':
      return {
        code:
          (step.groups === undefined ? '' : `setgroups(${step.groups.length}, …); `) +
          `setresgid(${step.gid}, …); setresuid(${step.uid}, …)`,
        why: 'who it is inside; groups first, for whoever is not root may not change them',
      };
    case 'newSession':
      return { code: 'setsid()', why: "leaves the parent's terminal and its signals" };
    case 'openTerminal':
      return {
        code: `open("${step.devpts}/ptmx"); setsid(); ioctl(TIOCSCTTY); dup2(… 0, 1, 2)`,
        why: `a terminal of its own, ${step.rows} by ${step.columns}`,
      };
    case 'changeDirectory':
      return { code: `chdir("${step.path}")`, why: 'where the application starts' };
    case 'exec':
      return {
        code: `execve(${step.argv.map(word => JSON.stringify(word)).join(', ')})`,
        why: 'the application replaces the init and keeps its pid',
      };
    case 'keep':
      return {
        code: 'setsid(); poll(…)',
        why: 'the init becomes a keeper: the parent of a container, which outlives the daemon',
      };
  }
}

type RootStep = Extract<
  Step,
  {
    call:
      | 'attach'
      | 'pivotRoot'
      | 'changeRoot'
      | 'makeRootReadOnly'
      | 'maskPaths'
      | 'protectPaths'
      | 'makeDevice'
      | 'makeLink'
      | 'makeFolder';
  }
>;

function explainRoot(step: RootStep): Explained {
  switch (step.call) {
    case 'attach':
      return {
        code: `move_mount(descriptor ${step.descriptor}, "${step.target}")`,
        why:
          step.target === '/'
            ? 'the root file system, prepared outside; later paths are resolved in it'
            : 'a mount that was prepared outside, into the place that was opened for it',
      };
    case 'pivotRoot':
      return {
        code: 'pivot_root(".", "."); umount2(".", MNT_DETACH); chdir("/")',
        why: 'the new root becomes the root, and the old one is taken away',
      };
    case 'changeRoot':
      return {
        code: `chroot("${step.path}"); chdir("/")`,
        why: 'another start for paths, no more',
      };
    case 'makeRootReadOnly':
      return {
        code: 'mount_setattr("/", MOUNT_ATTR_RDONLY)',
        why: 'the root read-only; what is mounted below it keeps its own flags',
      };
    case 'maskPaths':
      return {
        code: `move_mount(empty, each of ${list(step.paths)})`,
        why: 'hidden: an empty tmpfs over a directory, the null device over a file',
      };
    case 'protectPaths':
      return {
        code: `mount_setattr(MOUNT_ATTR_RDONLY, each of ${list(step.paths)})`,
        why: 'to be read, not to be written',
      };
    case 'makeDevice':
      return {
        code: `mknod("${step.path}", ${modeOf(step.mode)}, ${step.major}:${step.minor})`,
        why: isBlock(step.mode)
          ? 'a disk that was asked for; the kernel knows it by its numbers'
          : 'a device that every program expects',
      };
    case 'makeLink':
      return {
        code: `symlink("${step.target}", "${step.path}")`,
        why: 'a name that shells expect',
      };
    case 'makeFolder':
      return { code: `mkdir("${step.path}", 0755)`, why: 'a folder, if there is none' };
  }
}

function list(paths: readonly string[]): string {
  const shown = paths.slice(0, 3).join(', ');
  return paths.length > 3 ? `${shown} and ${paths.length - 3} more` : shown;
}

function flagNames(namespaces: readonly Namespace[], others: readonly string[] = []): string {
  const kinds = namespaces.map(kind => (kind === 'mount' ? 'NS' : kind.toUpperCase()));
  const names = [...kinds.map(kind => `CLONE_NEW${kind}`), ...others];
  return names.length === 0 ? '0' : names.join('|');
}

function mountFlagNames(flags: readonly MountFlag[]): string {
  const names = flags.map(flag => `MS_${flag === 'ro' ? 'RDONLY' : flag.toUpperCase()}`);
  return names.length === 0 ? '0' : names.join('|');
}

/** The flags of `namespaces` as one number, for the addon. */
export function combineFlags(namespaces: readonly Namespace[]): number {
  return namespaces.reduce((flags, kind) => flags | cloneFlags[kind], 0);
}

/** As mknod(2) takes it: `S_IFCHR|0666`. */
function modeOf(mode: number): string {
  return `${isBlock(mode) ? 'S_IFBLK' : 'S_IFCHR'}|0${(mode & 0o7777).toString(8)}`;
}

function isBlock(mode: number): boolean {
  return (mode & blockDevice) === blockDevice;
}
