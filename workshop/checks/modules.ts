/**
 * The modules of the tree and what each imports and exports, as facts for other checks.
 *
 * - readModules(root)   every .ts and .mjs file of ours, parsed; exercises are left out: they are
 *                       made from their chapter
 * - readPackages(root)  the workspaces: name, folder, public face
 * - Module              file, imports (the specifier, the file that it means, the names), exports
 *
 * A specifier of ours is a relative path or `@slipway/…`; every other has no target.
 */
import { readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { parseSync, type StaticExportEntry, type StaticImportEntry } from 'oxc-parser';
import { filesOf } from './check.ts';

export interface Module {
  readonly file: string;
  readonly text: string;
  readonly imports: readonly Import[];
  readonly exports: readonly Export[];
}

export interface Import {
  readonly specifier: string;
  /** The file of ours that is meant, relative to the root. */
  readonly target: string | undefined;
  /** The names that are taken; `*` is all of them. */
  readonly names: readonly string[];
  /** By `import()`: it happens when it is reached, and so ties nothing to anything before. */
  readonly isLate: boolean;
}

export interface Export {
  readonly name: string;
  readonly isType: boolean;
}

/** A package of ours: its name, its folder, and its public face. */
export interface Package {
  readonly name: string;
  readonly folder: string;
  readonly face: string | undefined;
}

interface Manifest {
  readonly name: string;
  readonly exports?: Readonly<Record<string, string>>;
}

export function readPackages(root: string): readonly Package[] {
  return filesOf(root, '**/package.json').map(file => {
    const manifest = JSON.parse(readFileSync(join(root, file), 'utf8')) as Manifest;
    const face = manifest.exports?.['.'];
    const folder = dirname(file);
    return { name: manifest.name, folder, face: face && join(folder, face) };
  });
}

export function readModules(root: string): readonly Module[] {
  const packages = readPackages(root);
  return filesOf(root, '**/*.{ts,mjs}')
    .filter(file => !file.split('/').includes('exercise') && !file.endsWith('.d.ts'))
    .map(file => parse(file, readFileSync(join(root, file), 'utf8'), packages));
}

function parse(file: string, text: string, packages: readonly Package[]): Module {
  const { module } = parseSync(file, text);
  const make = (specifier: string, names: readonly string[], isLate = false): Import => ({
    specifier,
    target: resolveTarget(file, specifier, packages),
    names,
    isLate,
  });
  const statics = module.staticImports.map(one =>
    make(one.moduleRequest.value, one.entries.map(importedName)),
  );
  const again = module.staticExports.flatMap(one => one.entries);
  const passedOn = again.flatMap(one =>
    one.moduleRequest ? [make(one.moduleRequest.value, [one.importName.name ?? '*'])] : [],
  );
  const dynamics = module.dynamicImports.flatMap(one => {
    const source = text.slice(one.moduleRequest.start, one.moduleRequest.end);
    const literal = /^(['"])(.+)\1$/.exec(source)?.[2];
    return literal === undefined ? [] : [make(literal, ['*'], true)];
  });
  const imports = [...statics, ...passedOn, ...dynamics];
  return { file, text, imports, exports: again.flatMap(exported) };
}

/** A kind is a string, but its type is an enum that erasable TypeScript cannot name. */
const isDefault = (kind: string): boolean => kind === 'Default';

function importedName({ importName }: StaticImportEntry): string {
  return isDefault(importName.kind) ? 'default' : (importName.name ?? '*');
}

function exported(entry: StaticExportEntry): readonly Export[] {
  const { kind, name } = entry.exportName;
  if (isDefault(kind)) return [{ name: 'default', isType: false }];
  return name ? [{ name, isType: entry.isType }] : [];
}

function resolveTarget(
  file: string,
  specifier: string,
  packages: readonly Package[],
): string | undefined {
  if (specifier.startsWith('.')) return normalize(join(dirname(file), specifier));
  const owner = packages.find(
    one => specifier === one.name || specifier.startsWith(`${one.name}/`),
  );
  if (owner === undefined) return undefined;
  if (specifier === owner.name) return owner.face;
  return join(owner.folder, specifier.slice(owner.name.length + 1));
}
