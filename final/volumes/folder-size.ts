// How many bytes the files below a folder have.
//
// - `folderSize(path)`: each file once, however many names it has
//
// Read asynchronously: a volume may hold a million files, and others wait. What disappears
// meanwhile has no size.

import { lstat, readdir } from 'node:fs/promises';

export async function folderSize(path: string): Promise<number> {
  const seen = new Set<string>();
  const waiting = [path];
  let bytes = 0;
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    for (const entry of await entriesOf(folder)) {
      const child = `${folder}/${entry.name}`;
      if (entry.isDirectory()) waiting.push(child);
      else bytes += await sizeOf(child, seen);
    }
  }
  return bytes;
}

async function entriesOf(folder: string) {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

async function sizeOf(path: string, seen: Set<string>): Promise<number> {
  try {
    const { size, nlink, dev, ino } = await lstat(path);
    const key = `${dev}:${ino}`;
    if (nlink > 1 && seen.has(key)) return 0;
    seen.add(key);
    return size;
  } catch {
    return 0;
  }
}
