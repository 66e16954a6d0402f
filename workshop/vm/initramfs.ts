/**
 * The file system that a guest's kernel starts in: busybox, a few modules, two scripts, the order.
 *
 * - buildInitramfs(kernel, settings, command)   the bytes of the cpio archive
 * - shellSettings(settings)                     the settings as lines that sh reads
 *
 *     init  session.sh            guest/*.sh, unchanged
 *     bin/busybox                 the host's, which is static
 *     modules/order  modules/*.ko what reaches the host's root: virtio, 9p, overlayfs
 *     settings  command           what this guest is for
 *
 * The archive is made anew for each boot, so it carries the settings, and the kernel's command line
 * stays the same. Everything else comes later from the host's root.
 */
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type CpioEntry, writeCpio } from './cpio.ts';
import { type Kernel, moduleIndex } from './kernel/find-kernel.ts';
import { loadOrder } from './kernel/modules.ts';
import { shellWord } from './shell-word.ts';
import { Unavailable, requireTool } from './unavailable.ts';

export type World = 'v1' | 'v2';

export interface GuestSettings {
  readonly task: 'probe' | 'session';
  readonly world: World;
  /** The checkout, where the command starts. */
  readonly folder: string;
  readonly modules: string;
  /** By how much everything takes longer than on the host: SLIPWAY_SLOW. */
  readonly slow: number;
  readonly terminal?: Terminal;
}

export interface Terminal {
  readonly rows: number;
  readonly columns: number;
  readonly term: string;
}

const neededModules = ['virtio_pci', '9pnet_virtio', '9p', 'overlay'];

export async function buildInitramfs(
  kernel: Kernel,
  settings: GuestSettings,
  command: string,
): Promise<Uint8Array | Unavailable> {
  const busybox = requireTool('busybox', 'busybox-static');
  if (busybox instanceof Unavailable) return busybox;
  const script = (name: string) => readFile(new URL(`guest/${name}`, import.meta.url));
  const file = (path: string, data: Uint8Array, mode = 0o644): CpioEntry => {
    return { kind: 'file', path, data, mode };
  };
  return writeCpio([
    file('init', await script('init.sh'), 0o755),
    file('session.sh', await script('session.sh')),
    file('bin/busybox', await readFile(busybox), 0o755),
    { kind: 'link', path: 'bin/sh', target: 'busybox' },
    ...(await moduleEntries(kernel)),
    file('settings', Buffer.from(shellSettings(settings))),
    file('command', Buffer.from(command)),
  ]);
}

async function moduleEntries(kernel: Kernel): Promise<readonly CpioEntry[]> {
  const order = loadOrder(neededModules, await moduleIndex(kernel));
  const files = order.map(async (path): Promise<CpioEntry> => {
    const data = await readFile(join(kernel.modules, path));
    return { kind: 'file', path: `modules/${basename(path)}`, data };
  });
  const names = order.map(path => `${basename(path)}\n`).join('');
  return [
    { kind: 'file', path: 'modules/order', data: Buffer.from(names) },
    ...(await Promise.all(files)),
  ];
}

export function shellSettings(settings: GuestSettings): string {
  const { terminal, ...plain } = settings;
  const all = { ...plain, terminal: terminal === undefined ? 'no' : 'yes', ...terminal };
  return Object.entries(all)
    .map(([name, value]) => `${name}=${shellWord(String(value))}\n`)
    .join('');
}
