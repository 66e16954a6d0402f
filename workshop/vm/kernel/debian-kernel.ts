/**
 * Gets Debian's stock kernel as a package file and unpacks it. Nothing is installed.
 *
 * - newestKernelPackage()        what the metapackage linux-image-amd64 stands for today
 * - unpackKernel(name, folder)   `folder` then holds boot/ and lib/modules/RELEASE/modules.dep, …
 * - indexModules(folder)         writes modules.dep, for a kernel that came by another way
 *
 * `apt-get download` needs no root. The package lists may be missing on a new machine: root fetches
 * them once, anybody else is told how. Modules for hardware that no guest has are left out, which
 * saves half of the 400 MB.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Unavailable, findTool } from '../unavailable.ts';

const run = promisify(execFile);
const metapackage = 'linux-image-amd64';
const leftOut = [
  'sound',
  ...['gpu', 'media', 'staging', 'iio', 'usb', 'hwmon'].map(name => `drivers/${name}`),
  ...['ethernet', 'wireless', 'usb'].map(name => `drivers/net/${name}`),
];

export async function newestKernelPackage(): Promise<string | Unavailable> {
  if (findTool('apt-get') === undefined || findTool('dpkg-deb') === undefined) {
    return new Unavailable('no apt-get and dpkg-deb here to take a Debian kernel with');
  }
  const known = await askAptCache();
  if (known !== undefined) return known;
  if (process.getuid?.() === 0) {
    const failed = await attempt('apt-get', ['update', '-q'], 120_000);
    const fetched = await askAptCache();
    if (fetched !== undefined) return fetched;
    if (failed !== undefined) return new Unavailable(`apt-get update failed: ${failed}`);
  }
  return new Unavailable(
    `apt-cache knows no ${metapackage}: sudo apt-get update, on a Debian system`,
  );
}

async function askAptCache(): Promise<string | undefined> {
  try {
    const { stdout } = await run('apt-cache', ['depends', metapackage], { timeout: 60_000 });
    return /Depends: (linux-image-\d\S*)/.exec(stdout)?.[1];
  } catch {
    // apt-cache ends with status 100 when it does not know the package.
    return undefined;
  }
}

export async function unpackKernel(name: string, folder: string): Promise<Unavailable | undefined> {
  const downloads = await mkdtemp(`${folder}.download-`);
  try {
    const failed = await attempt('apt-get', ['download', '-q', name], 300_000, downloads);
    if (failed !== undefined) return new Unavailable(`apt-get download ${name} failed: ${failed}`);
    const file = (await readdir(downloads)).find(entry => entry.endsWith('.deb'));
    if (file === undefined) return new Unavailable(`apt-get download ${name} brought no package`);
    await unpackPackage(join(downloads, file), folder);
    return undefined;
  } finally {
    await rm(downloads, { recursive: true, force: true });
  }
}

async function unpackPackage(file: string, folder: string): Promise<void> {
  const without = leftOut.map(name => `--exclude=./lib/modules/*/kernel/${name}`);
  const script = 'set -o pipefail; dpkg-deb --fsys-tarfile "$0" | tar -x -C "$@"';
  const args = ['-c', script, file, folder, '--no-same-owner', '--exclude=./usr', ...without];
  await run('bash', args, { timeout: 300_000 });
  await indexModules(folder);
}

/** The package's own installation would do it; busybox can, so kmod need not be there. */
export async function indexModules(folder: string): Promise<void> {
  const [release] = await readdir(join(folder, 'lib/modules'));
  if (release === undefined) throw new Error(`no modules in ${folder}`);
  const busybox = findTool('busybox') ?? 'busybox';
  await run(busybox, ['depmod', '-b', folder, release], { timeout: 60_000 });
}

/** @returns what the tool said when it failed. */
async function attempt(
  tool: string,
  args: readonly string[],
  limitMs: number,
  cwd?: string,
): Promise<string | undefined> {
  try {
    await run(tool, [...args], { timeout: limitMs, ...(cwd === undefined ? {} : { cwd }) });
    return undefined;
  } catch (error) {
    const said = error instanceof Error && 'stderr' in error ? String(error.stderr) : String(error);
    return said.trim().split('\n').at(-1) ?? '';
  }
}
