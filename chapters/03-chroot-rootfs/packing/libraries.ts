// Which files a program needs before its first instruction: its loader, its libraries,
// and theirs.
//
// - `filesNeededBy(program)`: their paths, each once, the loader first
// - `systemFolders()`: where the loader looks, from /etc/ld.so.conf and by itself
// - `LibraryMissing`: a name that is in none of these folders
//
// The search is the loader's own (RUNPATH, configured folders, built-in folders), made
// by reading: nothing of the program is run. What it opens later by dlopen(3) stands
// nowhere in its file; an application's own folder has to be packed for that. Source:
// ld.so(8).

import { existsSync, globSync, readFileSync, realpathSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { readElf, type Elf } from './elf.ts';

export class LibraryMissing extends Error {
  override readonly name = 'LibraryMissing';
}

/**
 * The loader and the libraries of `program`; none for a static program or a script.
 *
 * @throws LibraryMissing naming who needs it
 */
export function filesNeededBy(
  program: string,
  folders: readonly string[] = systemFolders(),
): readonly string[] {
  const elf = readElf(program);
  if (elf === undefined) return [];
  const loader = elf.interpreter;
  const found = new Set<string>(loader === undefined ? [] : [loader]);
  const open = [{ path: program, elf }];
  for (let one = open.pop(); one !== undefined; one = open.pop()) {
    for (const name of one.elf.needed) {
      // libc names the loader as a library, too: that one is in memory already.
      if (loader !== undefined && name === basename(loader)) continue;
      const path = search(name, one.path, one.elf, folders);
      if (found.has(path)) continue;
      found.add(path);
      // #hole needs-of-needs: A library is a program's need, and has needs of its own:
      // ls needs libselinux, and that one needs libpcre2. Whose needs come next?
      const library = readElf(path);
      if (library !== undefined) open.push({ path, elf: library });
      // #instead
      // void open;
      // #endhole
    }
  }
  return [...found];
}

/** The first file of that name in the loader's order that is for the same processor. */
function search(
  name: string,
  whose: string,
  elf: Elf,
  folders: readonly string[],
): string {
  if (name.includes('/')) return name;
  const origin = dirname(realpathSync(whose));
  const own = elf.runPath.map(one => one.replace(/\$ORIGIN|\$\{ORIGIN\}/g, origin));
  const candidates = [...own, ...folders].map(folder => `${folder}/${name}`);
  const found = candidates.find(
    path => existsSync(path) && readElf(path)?.machine === elf.machine,
  );
  if (found !== undefined) return found;
  throw new LibraryMissing(
    `${whose} needs ${name}, which is in none of ${[...own, ...folders].join(', ')}`,
  );
}

/** Where the loader of this machine looks when a file says nothing. */
export function systemFolders(): readonly string[] {
  const builtIn = [
    ...globSync('/lib/*-linux-gnu'),
    ...globSync('/usr/lib/*-linux-gnu'),
    ...['/lib64', '/usr/lib64', '/lib', '/usr/lib'],
  ];
  // What stands in the loader's own folders first is what a root without a cache finds.
  return [...new Set([...builtIn, ...configured('/etc/ld.so.conf')])].filter(folder =>
    existsSync(folder),
  );
}

function configured(file: string): readonly string[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines.flatMap(line => {
    const text = line.replace(/#.*/, '').trim();
    const pattern = /^include\s+(\S+)$/.exec(text)?.[1];
    if (pattern !== undefined) return globSync(pattern).toSorted().flatMap(configured);
    return text === '' ? [] : [text];
  });
}
