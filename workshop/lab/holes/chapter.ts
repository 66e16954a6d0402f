/**
 * The modules of a chapter, and which of them a changed hole reaches.
 *
 * - readChapter(folder)          every module of a chapter with its holes; not tests, not copies
 * - reached(chapter, changed)    the modules that a copy must hold: run.ts, those that change, and
 *                                those between them, which would else import the unchanged ones
 * - moveImports(text, …)         the text with its relative imports as seen from another place
 *
 * What is imported only when asked for, `await import('./experiments/index.ts')`, is not followed:
 * the narrated experiments stay those of the chapter. Types are not followed either: they vanish.
 */
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { type Hole, readMarkers } from './regions.ts';

export interface ChapterModule {
  /** Relative to the chapter. */
  readonly file: string;
  readonly text: string;
  readonly holes: readonly Hole[];
  /** The modules of the chapter that it cannot run without. */
  readonly imports: readonly string[];
}

export interface Chapter {
  readonly folder: string;
  readonly modules: readonly ChapterModule[];
}

const notTheChapter = /(^|\/)(node_modules|exercise|\.[^/]*)(\/|$)|\.test\.ts$|\.d\.ts$/;

/** @throws Error if a marker is wrong, or if two holes of a chapter have the same name */
export function readChapter(folder: string): Chapter {
  const files = globSync('**/*.ts', { cwd: folder }).filter(file => !notTheChapter.test(file));
  const modules = files.toSorted().map(file => {
    const text = readFileSync(join(folder, file), 'utf8');
    const { holes } = readMarkers(join(folder, file), text);
    if (holes.length > 0 && text.includes('import.meta')) {
      throw new Error(`${join(folder, file)} has holes, and import.meta differs in a copy`);
    }
    return { file, text, holes, imports: valueImports(file, text) };
  });
  refuseTwins(modules);
  return { folder, modules };
}

function refuseTwins(modules: readonly ChapterModule[]): void {
  const seen = new Map<string, string>();
  for (const { file, holes } of modules) {
    for (const { name, first } of holes) {
      const place = `${file}:${first}`;
      const before = seen.get(name);
      if (before !== undefined) throw new Error(`${place}: ${before} has a hole ${name} too`);
      seen.set(name, place);
    }
  }
}

const withNames = /^(?:import|export)\s+(type\s)?([^'"();=]*?)\s*from\s+['"](\.[^'"]+)['"]/gm;
const withoutNames = /^import\s+['"](\.[^'"]+)['"]/gm;

function valueImports(file: string, text: string): readonly string[] {
  const named = [...text.matchAll(withNames)].flatMap(([, type, names = '', path = '']) =>
    type !== undefined || namesOnlyTypes(names) ? [] : [path],
  );
  const bare = [...text.matchAll(withoutNames)].map(([, path = '']) => path);
  return [...named, ...bare].map(path => normalize(join(dirname(file), path)));
}

function namesOnlyTypes(names: string): boolean {
  if (!names.startsWith('{')) return false;
  const each = names.slice(1, -1).split(',');
  return each.every(name => name.trim() === '' || name.trim().startsWith('type '));
}

export function reached(chapter: Chapter, changed: readonly string[]): readonly ChapterModule[] {
  const byFile = new Map(chapter.modules.map(one => [one.file, one]));
  const wanted = new Set<string>(['run.ts', ...changed]);
  const leadsToChange = (file: string, path: readonly string[]): boolean => {
    // A cycle leads nowhere that its other members do not lead to.
    if (path.includes(file)) return false;
    const further = byFile.get(file)?.imports ?? [];
    const leads = further.map(next => leadsToChange(next, [...path, file]));
    if (leads.includes(true)) wanted.add(file);
    return wanted.has(file);
  };
  leadsToChange('run.ts', []);
  for (const file of changed) leadsToChange(file, []);
  return chapter.modules.filter(one => wanted.has(one.file));
}

const specifier = /(\bfrom\s+|\bimport\s*\(\s*|\bimport\s+)(['"])(\.{1,2}\/[^'"]+)\2/g;

/**
 * Where `file` of the chapter is copied to `place` (a folder in the chapter), its imports lead to
 * the other copies where there are any, and out to the chapter where there are none.
 */
export function moveImports(
  { file, text }: Pick<ChapterModule, 'file' | 'text'>,
  place: string,
  copied: ReadonlySet<string>,
): string {
  return text.replace(specifier, (_, word: string, quote: string, path: string) => {
    const target = normalize(join(dirname(file), path));
    const moved = copied.has(target) ? join(place, target) : target;
    const seen = relative(join(place, dirname(file)), moved);
    return `${word}${quote}${seen.startsWith('.') ? seen : `./${seen}`}${quote}`;
  });
}
