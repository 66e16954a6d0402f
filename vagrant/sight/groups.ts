/**
 * Control groups as a learner makes them: a folder at the top of the hierarchy of a controller.
 *
 * - groupOf(controller, name)     the folder's path, whether it is there or not
 * - groupFile(path, file)         the text of one of its files, trimmed; undefined when it is not
 *                                 there
 * - processesIn(path)             the pids in it
 * - whereElse(controller, name)   other hierarchies that have a group of this name
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { controllerWorld, hierarchies } from '@slipway/lab/requires/cgroups.ts';

export function groupOf(controller: string, name: string): string {
  const found = controllerWorld(controller);
  if (found === undefined) throw new Error(`the controller ${controller} is in no hierarchy`);
  return join(found.mountPoint, name);
}

export function worldOf(controller: string): 'v1' | 'v2' {
  return controllerWorld(controller)?.world ?? 'v2';
}

export function groupFile(path: string, file: string): string | undefined {
  try {
    return readFileSync(join(path, file), 'utf8').trim();
  } catch {
    return undefined;
  }
}

export function processesIn(path: string): readonly number[] {
  const text = groupFile(path, 'cgroup.procs') ?? '';
  return text.split('\n').filter(Boolean).map(Number);
}

export function whereElse(controller: string, name: string): readonly string[] {
  const own = groupOf(controller, name);
  const all = hierarchies().map(one => join(one.mountPoint, name));
  return all.filter(path => path !== own && existsSync(path));
}
