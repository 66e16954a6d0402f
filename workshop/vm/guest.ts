/**
 * One guest, one command: everything that a boot needs, put together.
 *
 * - prepareGuests(folder?)      the kernel, QEMU and the accelerator, or why no guest can run here
 * - runInGuest(host, request)   boots, runs the command, powers off; what came back
 *
 * Invariant: a result is whole (`status`, the files of the exchange), or it carries a failure and
 * the guest's console; there is no third case.
 */
import { execFile } from 'node:child_process';
import { readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { chooseAccelerator } from './accelerator.ts';
import { bootGuest } from './machine/boot.ts';
import { type Kernel, checkout, findKernel } from './kernel/find-kernel.ts';
import { type Terminal, type World, buildInitramfs } from './initramfs.ts';
import type { Accelerator } from './machine/qemu.ts';
import { openScratch } from './scratch.ts';
import { Unavailable, requireTool } from './unavailable.ts';

export interface GuestHost {
  readonly kernel: Kernel;
  readonly qemu: string;
  readonly mkfs: string;
  readonly accelerator: Accelerator;
  /** How many times slower than the host a test may be in a guest; see SLIPWAY_SLOW. */
  readonly slow: number;
}

export interface GuestRequest {
  readonly world: World;
  /** A bash script, started in the checkout. */
  readonly command: string;
  readonly runMs?: number;
  readonly terminal?: Terminal;
  readonly output?: (text: string) => void;
  /** A file of the exchange to bring back. */
  readonly wanted?: string;
}

export interface GuestResult {
  readonly failure: string | undefined;
  /** The command's exit status; undefined when the guest failed before. */
  readonly status: number | undefined;
  readonly wanted: string | undefined;
  readonly console: string;
  readonly upAfterMs: number | undefined;
  readonly totalMs: number;
}

/** Six seconds on an idle machine; a busy one must not make a healthy guest a failure. */
const bootMs = 180_000;
const diskBytes = 8 * 1024 ** 3;

export async function prepareGuests(folder?: string): Promise<GuestHost | Unavailable> {
  if (process.env['SLIPWAY_GUEST'] !== undefined) return new Unavailable('this is a guest already');
  const qemu = requireTool('qemu-system-x86_64', 'qemu-system-x86');
  if (qemu instanceof Unavailable) return qemu;
  const mkfs = requireTool('mkfs.ext4', 'e2fsprogs');
  if (mkfs instanceof Unavailable) return mkfs;
  const kernel = await findKernel(folder);
  if (kernel instanceof Unavailable) return kernel;
  const accelerator = await chooseAccelerator(kernel, qemu);
  if (accelerator instanceof Unavailable) return accelerator;
  return { kernel, qemu, mkfs, accelerator, slow: accelerator === 'kvm' ? 2 : 10 };
}

export async function runInGuest(host: GuestHost, request: GuestRequest): Promise<GuestResult> {
  await using scratch = await openScratch();
  const { folder, exchange, mark, signal } = scratch;
  const started = performance.now();
  await prepareFolder(host, request, folder);
  const machine = {
    accelerator: host.accelerator,
    image: host.kernel.image,
    folder,
    shares: true,
    terminal: request.terminal !== undefined,
  };
  const limits = { bootMs, ...(request.runMs === undefined ? {} : { runMs: request.runMs }) };
  const end = await bootGuest(machine, host.qemu, limits, {
    up: 'slipway: session',
    mark,
    signal,
    ...(request.output === undefined ? {} : { output: request.output }),
  });
  const status = await readStatus(join(exchange, 'status'));
  const noStatus = status === undefined ? 'the guest ended without an exit status' : undefined;
  return {
    ...end,
    failure: end.failure ?? noStatus,
    status,
    wanted: request.wanted === undefined ? undefined : await read(join(exchange, request.wanted)),
    totalMs: performance.now() - started,
  };
}

async function prepareFolder(
  { kernel, slow, mkfs }: GuestHost,
  { world, command, terminal }: GuestRequest,
  folder: string,
): Promise<void> {
  const { modules } = kernel;
  const settings = { task: 'session', world, folder: checkout, modules, slow } as const;
  const shown = terminal === undefined ? {} : { terminal };
  const archive = await buildInitramfs(kernel, { ...settings, ...shown }, command);
  if (archive instanceof Unavailable) throw new Error(archive.reason);
  await writeFile(join(folder, 'initramfs.cpio'), archive);
  const disk = join(folder, 'disk.img');
  await writeFile(disk, '');
  await truncate(disk, diskBytes);
  await promisify(execFile)(mkfs, ['-q', '-F', disk], { timeout: 30_000 });
}

async function readStatus(file: string): Promise<number | undefined> {
  const text = await read(file);
  return text !== undefined && /^\d+\n$/.test(text) ? Number(text) : undefined;
}

async function read(file: string): Promise<string | undefined> {
  return await readFile(file, 'utf8').catch(() => undefined);
}
