/**
 * What an experiment or a test needs, found out by trying.
 *
 * - probe()               → { unmet(requirement) }: remembers its answers as long as you keep it
 * - unmet(requirement)    the same for one question
 * - firstUnmet(needs)     the first reason among several
 *
 * The answer is undefined when the need is met, else one line: what is missing and what to do.
 * A version number or a file's presence proves little (a module may be missing, a policy may
 * forbid), so wherever it is cheap the thing itself is done once, in a namespace of its own, and
 * thrown away. Invariant: no answer is kept in this module.
 */
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, readFileSync, readdirSync } from 'node:fs';
import { release } from 'node:os';
import { join } from 'node:path';
import { controllerWorld, type CgroupWorld } from './requires/cgroups.ts';

export type Requirement =
  | 'root'
  | 'user-namespace'
  | 'overlay'
  | 'nftables'
  | 'loop'
  | 'fuse'
  | 'native'
  | `namespace:${string}`
  | `cgroup:${string}`
  | `cgroup-v1:${string}`
  | `cgroup-v2:${string}`
  | `filesystem:${string}`
  | `tool:${string}`
  | `kernel>=${string}`;

export interface Probe {
  unmet(requirement: Requirement): string | undefined;
}

export function probe(): Probe {
  const answers = new Map<Requirement, string | undefined>();
  return {
    unmet(requirement) {
      if (!answers.has(requirement)) answers.set(requirement, unmet(requirement));
      return answers.get(requirement);
    },
  };
}

export function firstUnmet(
  needs: readonly Requirement[],
  asked: Probe = { unmet },
): string | undefined {
  for (const need of needs) {
    const reason = asked.unmet(need);
    if (reason !== undefined) return reason;
  }
  return undefined;
}

export function unmet(requirement: Requirement): string | undefined {
  const [kind, name = ''] = split(requirement);
  switch (kind) {
    case 'root':
      return isRoot() ? undefined : 'needs root: run it with sudo';
    case 'user-namespace':
      return userNamespaceReason();
    case 'overlay':
      return overlayReason();
    case 'nftables':
      return toolReason('nft') ?? tried('nftables', inNetworkNamespace('nft add table inet probe'));
    case 'loop':
      return existsSync('/dev/loop-control')
        ? undefined
        : 'this kernel offers no loop devices: load the module with `sudo modprobe loop`';
    case 'fuse':
      return existsSync('/dev/fuse')
        ? undefined
        : 'this kernel offers no FUSE: load the module with `sudo modprobe fuse`';
    case 'native':
      return nativeReason();
    case 'namespace':
      return existsSync(`/proc/self/ns/${name}`)
        ? undefined
        : `this kernel (${release()}) has no ${name} namespace`;
    case 'cgroup':
      return controllerReason(name, ['v1', 'v2']);
    case 'cgroup-v1':
      return controllerReason(name, ['v1']);
    case 'cgroup-v2':
      return controllerReason(name, ['v2']);
    case 'filesystem':
      return fileSystemReason(name);
    case 'tool':
      return toolReason(name);
    case 'kernel>=':
      return kernelReason(name);
    default:
      throw new Error(`unknown requirement "${requirement}": see Requirement in requires.ts`);
  }
}

/** For what is read from a document: whether the words name a requirement at all. */
export function isRequirement(text: string): text is Requirement {
  return (
    /^(root|user-namespace|overlay|nftables|loop|fuse|native)$/.test(text) ||
    /^(namespace|cgroup|cgroup-v1|cgroup-v2|filesystem|tool):[\w.+-]+$/.test(text) ||
    /^kernel>=\d+\.\d+$/.test(text)
  );
}

function split(requirement: string): readonly [string, string?] {
  if (requirement.startsWith('kernel>=')) return ['kernel>=', requirement.slice(8)];
  const colon = requirement.indexOf(':');
  if (colon < 0) return [requirement];
  return [requirement.slice(0, colon), requirement.slice(colon + 1)];
}

function isRoot(): boolean {
  return process.geteuid?.() === 0;
}

function kernelReason(wanted: string): string | undefined {
  const [major = 0, minor = 0] = release()
    .split('.')
    .map(part => Number.parseInt(part, 10));
  const [wantedMajor = 0, wantedMinor = 0] = wanted.split('.').map(Number);
  const enough = major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
  return enough ? undefined : `needs Linux ${wanted} or later: this is ${release()}`;
}

const packageOf: Readonly<Record<string, string>> = {
  bash: 'bash',
  busybox: 'busybox-static',
  capsh: 'libcap2-bin',
  gcc: 'gcc',
  getfattr: 'attr',
  ip: 'iproute2',
  iptables: 'iptables',
  losetup: 'mount',
  lsns: 'util-linux',
  nft: 'nftables',
  nsenter: 'util-linux',
  ps: 'procps',
  'qemu-system-x86_64': 'qemu-system-x86',
  setcap: 'libcap2-bin',
  setfattr: 'attr',
  ruby: 'ruby',
  shellcheck: 'shellcheck',
  skopeo: 'skopeo',
  strace: 'strace',
  tmux: 'tmux',
  tree: 'tree',
  umoci: 'umoci',
  'unionfs-fuse': 'unionfs-fuse',
  unshare: 'util-linux',
  vagrant: 'vagrant',
};

/** The directories of administrators' tools are looked into too: a plain user's PATH lacks them. */
function toolReason(tool: string): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/sbin'];
  if (folders.some(folder => isExecutable(join(folder, tool)))) return undefined;
  const install = packageOf[tool];
  const remedy = install === undefined ? 'install it' : `sudo apt-get install ${install}`;
  return `the tool ${tool} is missing: ${remedy}`;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function controllerReason(name: string, wanted: readonly CgroupWorld[]): string | undefined {
  const found = controllerWorld(name);
  if (found !== undefined && wanted.includes(found.world)) return undefined;
  const where =
    found === undefined
      ? 'is in no mounted hierarchy'
      : `is bound to cgroup ${found.world} (${found.mountPoint})`;
  const world = wanted.length === 1 ? ` in cgroup ${wanted[0]}` : '';
  return `needs the controller ${name}${world}: here it ${where}`;
}

function fileSystemReason(name: string): string | undefined {
  const known = readFileSync('/proc/filesystems', 'utf8').split(/\s+/);
  if (known.includes(name)) return undefined;
  return `this kernel knows no file system ${name}: try \`sudo modprobe ${name}\``;
}

function nativeReason(): string | undefined {
  const dist = join(import.meta.dirname, '../../native/dist');
  const built = existsSync(dist) && readdirSync(dist).some(name => name.endsWith('.node'));
  return built ? undefined : 'the native addon is not built: run `npm run build`';
}

function userNamespaceReason(): string | undefined {
  const failure = attempt(['unshare', '--user', '--map-root-user', 'true']);
  if (failure === undefined) return undefined;
  const remedy = [
    ['kernel.unprivileged_userns_clone', '0', '1'],
    ['kernel.apparmor_restrict_unprivileged_userns', '1', '0'],
    ['user.max_user_namespaces', '0', '15000'],
  ].find(([name, bad]) => sysctl(name ?? '') === bad);
  const todo = remedy === undefined ? '' : `: sudo sysctl -w ${remedy[0]}=${remedy[2]}`;
  return `the kernel refuses a user namespace (${failure})${todo}`;
}

function overlayReason(): string | undefined {
  const script =
    'mount -t tmpfs probe /tmp && mkdir /tmp/l /tmp/u /tmp/w /tmp/m && ' +
    'mount -t overlay probe -o lowerdir=/tmp/l,upperdir=/tmp/u,workdir=/tmp/w /tmp/m';
  const namespaces = isRoot() ? ['--mount'] : ['--user', '--map-root-user', '--mount'];
  return tried('overlayfs', ['unshare', ...namespaces, 'sh', '-ec', script]);
}

function inNetworkNamespace(script: string): string[] {
  const namespaces = isRoot() ? ['--net'] : ['--user', '--map-root-user', '--net'];
  return ['unshare', ...namespaces, 'sh', '-ec', script];
}

function tried(what: string, command: readonly string[]): string | undefined {
  const failure = attempt(command);
  return failure === undefined ? undefined : `${what} cannot be used here (${failure})`;
}

/** Runs a command; undefined when it succeeded, else the last line it complained with. */
function attempt([command = '', ...args]: readonly string[]): string | undefined {
  const PATH = `${process.env.PATH ?? ''}:/usr/sbin:/sbin`;
  const { error, status, stderr } = spawnSync(command, args, {
    encoding: 'utf8',
    env: { ...process.env, PATH, LC_ALL: 'C' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  if (error !== undefined) return error.message;
  if (status === 0) return undefined;
  return stderr.trim().split('\n').at(-1) || `${command} exited with status ${status}`;
}

function sysctl(name: string): string | undefined {
  try {
    return readFileSync(`/proc/sys/${name.replaceAll('.', '/')}`, 'utf8').trim();
  } catch {
    return undefined;
  }
}
