// This chapter's run.ts as a command that the reader can type, and the lab can run.
//
// - `run`: its words; `busybox`: those of chapter 03's command for a small root
// - `fiveLayers(lab)`: five folders, made into an image `five` in a store of its own

import { relative } from 'node:path';
import type { Lab } from '@slipway/lab';

function typed(path: string): readonly string[] {
  return ['npx', 'tsx', relative(process.cwd(), `${import.meta.dirname}/${path}`)];
}

/** As it is typed from the folder that the lab runs in. */
export const run = typed('../run.ts');

const busybox = typed('../../03-chroot-rootfs/run.ts');

/** Where the layers are made. */
export async function fiveFolders(lab: Lab): Promise<string> {
  const place = await lab.scratch();
  await lab.shell`cd ${place}; mkdir lib app etc var`;
  await lab.shell`${busybox} busybox ${place}/base`;
  await lab.shell`cd ${place}; mkdir -p lib/lib app/app etc/etc var/var/log
    echo 'a library' > lib/lib/greeting
    echo 'echo hello' > app/app/hello; chmod +x app/app/hello
    echo 'welcome' > etc/etc/motd
    echo 'installed' > var/var/log/install`;
  return place;
}

/** The image `five`, in the store at the folder that comes back as `root`. */
export async function fiveLayers(
  lab: Lab,
): Promise<{ readonly place: string; readonly root: string }> {
  const place = await fiveFolders(lab);
  const root = `${place}/store`;
  const folders = ['base', 'lib', 'etc', 'app', 'var'].map(name => `${place}/${name}`);
  await lab.shell`${run} build --root ${root} five ${folders}`;
  return { place, root };
}
