// What both worlds' tables of settings are built from.
//
// - Folder: a group's directory, and a look at a file in it
// - Wish: a setting that does not know its directory yet
// - wish(): none for a limit that nobody asked for, else one

import type { Controller } from '../hierarchies/controllers.ts';
import type { LimitName } from './limits.ts';
import type { Check, FileSetting } from './setting.ts';

export interface Folder {
  readonly directory: string;
  /** the file's text without the newline; undefined when there is no such file */
  look(file: string): string | undefined;
}

export type Wish = Omit<FileSetting, 'directory'>;

/**
 * Memory is limited in whole pages: of 4 KiB here, of up to 64 KiB on other processors.
 */
export const largestPage = 65_536;

export const same: Check = { how: 'same' };

export function wish(
  controller: Controller,
  limit: LimitName,
  file: string,
  value: string | number | undefined,
  check: Check,
  hints?: Readonly<Record<string, string>>,
): Wish[] {
  if (value === undefined) return [];
  const wanted = { controller, limit, file, value: String(value), check };
  return [hints === undefined ? wanted : { ...wanted, hints }];
}
