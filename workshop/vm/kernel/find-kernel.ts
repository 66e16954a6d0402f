/**
 * The kernel that guests boot: found in the cache, or taken from Debian and put there.
 *
 * - cacheFolder                .cache/vm in the checkout: git ignores it, and deleting it is safe
 * - findKernel(folder?)        the kernel (`folder` holds another one), or why there is none
 * - moduleIndex(kernel)        which modules it has and what they need
 *
 * In the cache, one folder a package: boot/, lib/modules/RELEASE/, vmlinux (where possible).
 * Invariant: a folder without `.part-` in its name is complete: it got its name by one rename at
 * the end, so two runs that both download do not disturb each other. Delete it to get a newer one.
 */
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { indexModules, newestKernelPackage, unpackKernel } from './debian-kernel.ts';
import { type ModuleIndex, parseBuiltin, parseModulesDep } from './modules.ts';
import { Unavailable } from '../unavailable.ts';
import { extractVmlinux } from './vmlinux.ts';

export interface Kernel {
  /** What `uname -r` will say in the guest. */
  readonly release: string;
  /** What QEMU starts: an ELF vmlinux where there is one, else the bzImage. */
  readonly image: string;
  /** …/lib/modules/RELEASE */
  readonly modules: string;
}

export const checkout = resolve(dirname(fileURLToPath(import.meta.url)), '../../..');
export const cacheFolder = join(checkout, '.cache/vm');

export async function findKernel(folder?: string): Promise<Kernel | Unavailable> {
  if (process.arch !== 'x64') return new Unavailable(`guests of ${process.arch} are not supported`);
  await mkdir(cacheFolder, { recursive: true });
  if (folder !== undefined) {
    await indexModules(folder);
    return await openKernel(folder);
  }
  return (await cachedKernel()) ?? (await takeKernel());
}

async function cachedKernel(): Promise<Kernel | undefined> {
  const entries = await readdir(cacheFolder);
  const complete = entries.filter(entry => entry.startsWith('linux-image-') && !isPart(entry));
  const byVersion = new Intl.Collator('en', { numeric: true });
  const name = complete.toSorted(byVersion.compare).at(-1);
  return name === undefined ? undefined : openKernel(join(cacheFolder, name));
}

async function takeKernel(): Promise<Kernel | Unavailable> {
  await removeOldParts();
  const name = await newestKernelPackage();
  if (name instanceof Unavailable) return name;
  const part = await mkdtemp(join(cacheFolder, `${name}.part-`));
  try {
    const unavailable = await unpackKernel(name, part);
    if (unavailable !== undefined) return unavailable;
    const { image } = await openKernel(part);
    extractVmlinux(image, join(part, 'vmlinux'));
    const folder = join(cacheFolder, name);
    // Another run may have been faster: its folder is as good as ours.
    if (!existsSync(folder)) await rename(part, folder);
    return await openKernel(folder);
  } finally {
    await rm(part, { recursive: true, force: true });
  }
}

/** What a killed run left. A download that still goes on is younger than this. */
async function removeOldParts(): Promise<void> {
  const anHourAgo = Date.now() - 3_600_000;
  for (const entry of (await readdir(cacheFolder)).filter(isPart)) {
    const path = join(cacheFolder, entry);
    if ((await stat(path)).mtimeMs < anHourAgo) await rm(path, { recursive: true, force: true });
  }
}

const isPart = (entry: string) => entry.includes('.part-');

async function openKernel(folder: string): Promise<Kernel> {
  const [release] = await readdir(join(folder, 'lib/modules'));
  if (release === undefined) throw new Error(`no modules in ${folder}: delete it`);
  const vmlinux = join(folder, 'vmlinux');
  const image = existsSync(vmlinux) ? vmlinux : join(folder, 'boot', `vmlinuz-${release}`);
  return { release, image, modules: join(folder, 'lib/modules', release) };
}

export async function moduleIndex(kernel: Kernel): Promise<ModuleIndex> {
  const read = (name: string) => readFile(join(kernel.modules, name), 'utf8');
  const [dependencies, builtin] = await Promise.all([read('modules.dep'), read('modules.builtin')]);
  return { dependencies: parseModulesDep(dependencies), builtin: parseBuiltin(builtin) };
}
