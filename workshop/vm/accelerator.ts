/**
 * Whether KVM can run a guest here, found out by running one.
 *
 * - chooseAccelerator(kernel, qemu)   kvm or tcg; asked once a boot of this machine, then known
 *
 * A /dev/kvm that opens proves nothing: inside a VM QEMU may abort, or the guest hang at its first
 * instruction. So a guest that says one line is given five seconds.
 * Remembered in .cache/vm/accelerator as `BOOT-ID RELEASE ACCELERATOR`.
 */
import { accessSync, constants, readFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bootGuest } from './machine/boot.ts';
import { type Kernel, cacheFolder } from './kernel/find-kernel.ts';
import { buildInitramfs } from './initramfs.ts';
import type { Accelerator } from './machine/qemu.ts';
import { openScratch } from './scratch.ts';
import { Unavailable } from './unavailable.ts';

const probeMs = 5000;

export async function chooseAccelerator(
  kernel: Kernel,
  qemu: string,
): Promise<Accelerator | Unavailable> {
  if (!canOpenKvm()) return 'tcg';
  const file = join(cacheFolder, 'accelerator');
  const bootId = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  const question = `${bootId} ${kernel.release}`;
  const remembered = await readFile(file, 'utf8').catch(() => '');
  if (remembered === `${question} kvm`) return 'kvm';
  if (remembered === `${question} tcg`) return 'tcg';
  const answer = await probeKvm(kernel, qemu);
  if (!(answer instanceof Unavailable)) await writeFile(file, `${question} ${answer}`);
  return answer;
}

function canOpenKvm(): boolean {
  try {
    accessSync('/dev/kvm', constants.R_OK | constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

async function probeKvm(kernel: Kernel, qemu: string): Promise<Accelerator | Unavailable> {
  await using scratch = await openScratch();
  const { folder, mark, signal } = scratch;
  const settings = { task: 'probe', world: 'v2', folder: '/', modules: '/', slow: 1 } as const;
  const archive = await buildInitramfs(kernel, settings, '');
  if (archive instanceof Unavailable) return archive;
  await writeFile(join(folder, 'initramfs.cpio'), archive);
  const { image } = kernel;
  const machine = { accelerator: 'kvm', image, folder, shares: false, terminal: false } as const;
  const end = await bootGuest(
    machine,
    qemu,
    { bootMs: probeMs, runMs: probeMs },
    {
      up: 'slipway: alive',
      mark,
      signal,
    },
  );
  return end.failure === undefined ? 'kvm' : 'tcg';
}
