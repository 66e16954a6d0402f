/**
 * "The vm tier cannot run here", as a value with its reason.
 *
 * - Unavailable           what is missing and what to do; the tier then says NOT RUN with it
 * - requireTool(name, …)  the tool's file, or an Unavailable that names the package to install
 *
 * Invariant: what this machine lacks is a value that is passed on; what goes wrong is thrown.
 */
import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';

export class Unavailable {
  readonly reason: string;

  constructor(reason: string) {
    this.reason = reason;
  }
}

export function findTool(name: string): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(':');
  const often = ['/usr/local/sbin', '/usr/sbin', '/sbin', '/usr/bin', '/bin'];
  return [...folders, ...often].map(folder => join(folder, name)).find(executable);
}

export function requireTool(name: string, debianPackage: string): string | Unavailable {
  const missing = `${name} is not installed: sudo apt-get install ${debianPackage}`;
  return findTool(name) ?? new Unavailable(missing);
}

function executable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
