/**
 * What all groups of rows stand on: an engine, a folder, and archives of the usual tree.
 *
 * - Stage; timed(act)  seconds, after a `sync`
 * - GNU tar as the measure of all that moves files
 */
import { execFileSync } from 'node:child_process';
import type { Engine } from '../daemon.ts';
import type { Row } from './row.ts';

export interface Stage {
  readonly engine: Engine;
  /** On the disk that is measured. */
  readonly place: string;
  readonly rounds: number;
}

export interface Group {
  readonly title: string;
  readonly run: (stage: Stage) => Promise<readonly Row[]>;
}

/** Nobody writes meanwhile what another one has left. */
export async function timed(act: () => unknown): Promise<number> {
  execFileSync('sync');
  const began = performance.now();
  await act();
  return (performance.now() - began) / 1000;
}

export function tar(...words: readonly string[]): void {
  execFileSync('tar', words, { stdio: ['ignore', 'ignore', 'inherit'] });
}

/** Of a process and all its threads, user and system. */
export function processorSeconds(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}
