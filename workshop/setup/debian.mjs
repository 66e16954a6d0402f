/**
 * The Debian packages that the workshop stands on.
 *
 * - (needed)           the table: package, the proof that it is there, what needs it
 * - missingPackages(flags)  the rows whose proof fails on this machine; --vm, --lab, --lab-boot
 *                      ask for more
 * - installPackages()  installs rows with apt-get; an error text or undefined
 *
 * A package is proven by the file that we use, never by asking dpkg: who built nftables by hand has
 * nftables. A row is tried, and nothing is assumed from the name or the version of the system.
 */
import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, openSync, readdirSync, readSync } from 'node:fs';
import { cleanEnvironment, findTool, outsidePath } from './tools.mjs';

/** @typedef {{ name: string, proof: () => boolean, needs: string }} Row */

/** @param {string} name */
const tool = name => () => findTool(name) !== undefined;

const triple = process.arch === 'arm64' ? 'aarch64-linux-gnu' : 'x86_64-linux-gnu';

/** @type {readonly Row[]} */
const needed = [
  { name: 'gcc', proof: tool('cc'), needs: 'linking the addon and slipway-init' },
  {
    name: 'libc6-dev',
    proof: () => existsSync(`/usr/lib/${triple}/libc.a`) || existsSync('/usr/lib/libc.a'),
    needs: 'slipway-init, which is static',
  },
  { name: 'busybox-static', proof: staticBusybox, needs: 'the first program in a container' },
  { name: 'nftables', proof: tool('nft'), needs: 'the host guard and chapter 06' },
  { name: 'iproute2', proof: tool('ip'), needs: 'looking at links and namespaces' },
  { name: 'util-linux', proof: tool('unshare'), needs: 'unshare, nsenter, lsns: the oracles' },
  { name: 'procps', proof: tool('ps'), needs: 'ps, top, free: what a container sees' },
  { name: 'tree', proof: tool('tree'), needs: 'looking at unions in chapter 04' },
  { name: 'unionfs-fuse', proof: tool('unionfs-fuse'), needs: 'a union with two writable parts' },
  { name: 'attr', proof: tool('getfattr'), needs: 'looking at the signs of overlayfs' },
  { name: 'libcap2-bin', proof: tool('setcap'), needs: 'files with capabilities, in layers' },
  { name: 'skopeo', proof: tool('skopeo'), needs: 'images, there and back: an oracle' },
  { name: 'umoci', proof: tool('umoci'), needs: 'layers, there and back: an oracle' },
];

/** Large, so only `npm run test:vm`, `npm run vm` and .ci/run ask for it.
 * @type {readonly Row[]} */
const neededByGuests = [
  process.arch === 'arm64'
    ? { name: 'qemu-system-arm', proof: tool('qemu-system-aarch64'), needs: 'the vm tier' }
    : { name: 'qemu-system-x86', proof: tool('qemu-system-x86_64'), needs: 'the vm tier' },
];

/** What looks at the labs without starting one: `npm run setup -- --lab`.
 * @type {readonly Row[]} */
const neededByLabs = [
  { name: 'vagrant', proof: tool('vagrant'), needs: 'the check of Vagrantfile' },
  { name: 'vagrant-libvirt', proof: libvirtPlugin, needs: 'the check of its libvirt blocks' },
  { name: 'shellcheck', proof: tool('shellcheck'), needs: 'the check of the shell scripts' },
];

/** What `npm run test:lab` makes a box and starts it with.
 * @type {readonly Row[]} */
const neededByLabBoots = [
  { name: 'mmdebstrap', proof: tool('mmdebstrap'), needs: 'making a box' },
  { name: 'qemu-utils', proof: tool('qemu-img'), needs: 'making a box' },
  { name: 'grub-common', proof: tool('grub-mkimage'), needs: 'making a box that boots' },
  {
    name: 'grub-pc-bin',
    proof: () => existsSync('/usr/lib/grub/i386-pc/boot.img'),
    needs: 'making a box that boots',
  },
  { name: 'rsync', proof: tool('rsync'), needs: 'copying the tree into a machine' },
  { name: 'openssh-client', proof: tool('ssh'), needs: 'speaking with a machine' },
  { name: 'dnsmasq-base', proof: tool('dnsmasq'), needs: 'addresses for the machines of libvirt' },
  { name: 'libvirt-daemon-system', proof: tool('libvirtd'), needs: 'the machines of libvirt' },
];

function libvirtPlugin() {
  return (
    existsSync('/usr/share/rubygems-integration/all/specifications') &&
    readdirSync('/usr/share/rubygems-integration/all/specifications').some(name =>
      name.startsWith('vagrant-libvirt-'),
    )
  );
}

/** A dynamic busybox would not start in an empty root, so the file must name no loader. */
function staticBusybox() {
  const file = findTool('busybox');
  if (file === undefined) return false;
  const head = Buffer.alloc(4096);
  const descriptor = openSync(file, 'r');
  readSync(descriptor, head, 0, head.length, 0);
  closeSync(descriptor);
  return !head.includes('/ld-linux') && !head.includes('/ld-musl');
}

/**
 * @param {readonly string[]} flags
 * @returns {readonly Row[]}
 */
export function missingPackages(flags) {
  const boots = flags.includes('--lab-boot');
  const rows = [
    ...needed,
    ...(flags.includes('--vm') || boots ? neededByGuests : []),
    ...(flags.includes('--lab') || boots ? neededByLabs : []),
    ...(boots ? neededByLabBoots : []),
  ];
  return rows.filter(row => !row.proof());
}

/**
 * @param {readonly Row[]} rows
 * @returns {string | undefined}
 */
export function installPackages(rows) {
  const env = { ...cleanEnvironment(outsidePath()), DEBIAN_FRONTEND: 'noninteractive' };
  const names = rows.map(row => row.name);
  /** @param {string[]} args */
  const apt = args => spawnSync('apt-get', args, { env, encoding: 'utf8' });
  const install = ['install', '-y', '--no-install-recommends', ...names];
  let result = apt(install);
  if (result.status !== 0) {
    // A new machine has no package lists yet, and an old one has stale ones: fetch them, once.
    apt(['update']);
    result = apt(install);
  }
  if (result.status === 0) return undefined;
  return (result.stderr ?? result.error?.message ?? '').trim();
}
