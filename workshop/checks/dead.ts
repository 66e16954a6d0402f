/**
 * Dead code: an export that nothing imports, and a file that nothing names.
 *
 * - dead                                  the check
 * - deadExports(modules, faces)           what could lose its `export`, or go
 * - deadFiles(modules, faces, mentions)   what could go altogether
 *
 * A package's public face (its index.ts) is alive by definition, and what it passes on with it. A
 * type that its own file uses may be exported: it names what a signature says. A test is a user.
 */
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type Check, filesOf } from './check.ts';
import { type Module, readModules, readPackages } from './modules.ts';

export const dead: Check = {
  name: 'dead code',
  todo: 'remove it, or its `export` when only its own file uses it',
  run: root => {
    const modules = readModules(root);
    const faces = readPackages(root).flatMap(one => one.face ?? []);
    const others = filesOf(root, '**/{package.json,*.md,.oxlintrc.json,tsconfig.json}');
    const mentions = others.map(file => readFileSync(join(root, file), 'utf8')).join('\n');
    return [...deadExports(modules, faces), ...deadFiles(modules, faces, mentions)];
  },
};

function deadExports(modules: readonly Module[], faces: readonly string[]): readonly string[] {
  const used = new Set(
    modules.flatMap(module =>
      module.imports.flatMap(({ target, names }) => names.map(name => `${target}#${name}`)),
    ),
  );
  return modules
    .filter(module => !faces.includes(module.file) && !isConfiguration(module.file))
    .flatMap(({ file, text, exports }) =>
      exports
        .filter(({ name }) => !used.has(`${file}#${name}`) && !used.has(`${file}#*`))
        .filter(({ name, isType }) => !(isType && occurrences(text, name) > 1))
        .map(({ name }) => `${file}: nothing imports ${name}`),
    );
}

function deadFiles(
  modules: readonly Module[],
  faces: readonly string[],
  mentions: string,
): readonly string[] {
  const imported = new Set(modules.flatMap(module => module.imports.map(one => one.target)));
  return modules
    .filter(({ file }) => !imported.has(file) && !faces.includes(file) && !isEntry(file))
    .filter(({ file }) => !mentions.includes(basename(file)) && !spawned(file, modules))
    .map(({ file }) => `${file}: nothing imports it or starts it`);
}

/** A program that another module starts by its name is alive too. */
function spawned(file: string, modules: readonly Module[]): boolean {
  return modules.some(other => other.file !== file && other.text.includes(basename(file)));
}

const isConfiguration = (file: string): boolean => file.endsWith('.config.ts');

const isEntry = (file: string): boolean =>
  file.endsWith('.test.ts') || isConfiguration(file) || /^chapters\/[^/]+\/run\.ts$/.test(file);

function occurrences(text: string, name: string): number {
  return text.split(new RegExp(`\\b${name}\\b`)).length - 1;
}
