/**
 * Imports point one way:
 *
 *     workshop/lab <- native <- chapters/01 <- ... <- chapters/06 <- final <- workshop <- bench
 *
 * - directions                  the check
 *
 * A chapter can be read knowing only what came before it; that is what this keeps true. And final/
 * reaches the chapters through one door, final/libcontainer/. Within a room too no file imports,
 * by however many others, itself: of two that need each other neither can be read first.
 */
import type { Check } from './check.ts';
import { type Import, type Module, readModules } from './modules.ts';

export const directions: Check = {
  name: 'imports',
  todo: 'move what is shared to the lower side, or turn the import around',
  run: root => {
    const modules = readModules(root);
    return [...wrongImports(modules), ...circles(modules)];
  },
};

function wrongImports(modules: readonly Module[]): readonly string[] {
  return modules.flatMap(({ file, imports }) =>
    imports.flatMap(({ target }) => {
      const reason = target === undefined ? undefined : objection(file, target);
      return reason === undefined ? [] : [`${file} imports ${target}: ${reason}`];
    }),
  );
}

function objection(file: string, target: string): string | undefined {
  if (rank(target) > rank(file)) return `${room(target)} is above ${room(file)}`;
  const throughDoor = file.startsWith('final/libcontainer/');
  if (file.startsWith('final/') && target.startsWith('chapters/') && !throughDoor) {
    return 'final reaches the chapters through final/libcontainer/ only';
  }
  return undefined;
}

/** The room of a file: the part of the tree that has a place in the order. */
function room(file: string): string {
  const [first = '', second = ''] = file.split('/');
  if (first === 'chapters') return `chapters/${second}`;
  return file.startsWith('workshop/lab/') ? 'workshop/lab' : first;
}

function rank(file: string): number {
  const chapter = /^chapters\/(\d+)/.exec(file);
  if (chapter !== null) return 2 + Number(chapter[1]) / 100;
  // What stands at the root (the configuration of the tests) uses the workshop, as bench/ may.
  const order = ['workshop/lab', 'native', 'chapters', 'final', 'workshop'];
  const place = order.indexOf(room(file));
  return place === -1 ? order.length : place;
}

/** Each circle once, from the first of its files that is come upon. */
function circles(modules: readonly Module[]): readonly string[] {
  const targets = new Map(modules.map(({ file, imports }) => [file, early(imports)]));
  const done = new Set<string>();
  const found: string[] = [];
  const follow = (file: string, path: readonly string[]): void => {
    const begin = path.indexOf(file);
    if (begin !== -1) found.push(`${[...path.slice(begin), file].join(' imports ')}: a circle`);
    if (begin !== -1 || done.has(file)) return;
    for (const target of targets.get(file) ?? []) follow(target, [...path, file]);
    done.add(file);
  };
  for (const { file } of modules) follow(file, []);
  return found;
}

function early(imports: readonly Import[]): readonly string[] {
  return imports.flatMap(({ target, isLate }) => (target === undefined || isLate ? [] : [target]));
}
