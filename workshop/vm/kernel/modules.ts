/**
 * In which order kernel modules must be loaded.
 *
 * - parseModulesDep(text)        modules.dep: file → the files it needs, as depmod(8) wrote it
 * - parseBuiltin(text)           modules.builtin: the names that are inside the kernel image
 * - loadOrder(names, index)      the files for these modules, each after everything that it needs
 *
 * A module is named as modprobe(8) names it: `-` and `_` mean the same, the folder and `.ko` do not
 * count. A name that is built in needs no file. Source: modules.dep(5).
 */

export interface ModuleIndex {
  /** File (`kernel/fs/9p/9p.ko`) → the files that it needs. */
  readonly dependencies: ReadonlyMap<string, readonly string[]>;
  readonly builtin: ReadonlySet<string>;
}

export function parseModulesDep(text: string): ReadonlyMap<string, readonly string[]> {
  const rows = text.split('\n').filter(line => line.trim() !== '');
  return new Map(
    rows.map(line => {
      const colon = line.indexOf(':');
      if (colon < 1) throw new Error(`modules.dep: no colon in the line ${JSON.stringify(line)}`);
      const needs = line.slice(colon + 1).split(' ');
      return [line.slice(0, colon), needs.filter(file => file !== '')];
    }),
  );
}

export function parseBuiltin(text: string): ReadonlySet<string> {
  return new Set(text.split('\n').filter(Boolean).map(moduleName));
}

/** @throws when a module is neither a file nor built in, or modules need each other in a ring. */
export function loadOrder(names: readonly string[], index: ModuleIndex): readonly string[] {
  const files = new Map([...index.dependencies.keys()].map(file => [moduleName(file), file]));
  const loaded = new Set<string>();
  const load = (file: string, asking: readonly string[]): void => {
    if (loaded.has(file)) return;
    if (asking.includes(file)) throw new Error(`modules need each other: ${asking.join(' -> ')}`);
    const needs = index.dependencies.get(file);
    if (needs === undefined) throw new Error(`${asking.at(-1)} needs ${file}, which is not there`);
    // depmod lists what must be loaded first last.
    for (const need of needs.toReversed()) load(need, [...asking, file]);
    loaded.add(file);
  };
  for (const name of names.map(moduleName)) {
    const file = files.get(name);
    if (file !== undefined) load(file, []);
    else if (!index.builtin.has(name)) throw new Error(`this kernel has no module ${name}`);
  }
  return [...loaded];
}

/** `kernel/drivers/virtio/virtio_pci.ko.xz` and `virtio-pci` are both `virtio_pci`. */
function moduleName(file: string): string {
  const base = file.slice(file.lastIndexOf('/') + 1);
  return base.replace(/\.ko(\.\w+)?$/, '').replaceAll('-', '_');
}
