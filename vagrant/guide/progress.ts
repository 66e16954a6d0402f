/**
 * The one file that the labs remember: which units are finished, and the attempt that is under way.
 *
 * - progressFile(env)     LAB_PROGRESS, else ~/lab/progress.json
 * - readProgress(file)    empty when there is none yet
 * - writeProgress(file)   beside it first, then renamed: it is never half written
 *
 * A person can read it, and delete it: then everything begins anew.
 */
import { chownSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import type { HostState } from '@slipway/lab/guard.ts';
import { z } from 'zod';

const attemptSchema = z.object({
  unit: z.string(),
  started: z.string(),
  words: z.record(z.string(), z.string()),
  notes: z.record(z.string(), z.string()),
  /** The tasks that are done, in the order of the unit. */
  ticked: z.array(z.string()),
  /** The host as it was before the unit's init: what the host guard's snapshot gave. */
  before: z.custom<HostState>(),
});

const progressSchema = z.object({
  finished: z.record(z.string(), z.string()),
  attempt: attemptSchema.optional(),
});

export type Attempt = z.infer<typeof attemptSchema>;
export type Progress = z.infer<typeof progressSchema>;

export function progressFile(env: NodeJS.ProcessEnv = process.env): string {
  return env['LAB_PROGRESS'] || join(env['HOME'] ?? homedir(), 'lab', 'progress.json');
}

export function readProgress(file: string): Progress {
  if (!existsSync(file)) return { finished: {} };
  try {
    return progressSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (cause) {
    throw new Error(`${file} cannot be read: delete it to begin anew`, { cause });
  }
}

export function writeProgress(file: string, progress: Progress): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.new`, `${JSON.stringify(progress, undefined, 2)}\n`);
  renameSync(`${file}.new`, file);
  giveToLearner(dirname(file));
  giveToLearner(file);
}

/** The guide is root; what lies in the learner's home is the learner's. */
export function giveToLearner(path: string): void {
  const { SUDO_UID, SUDO_GID } = process.env;
  if (SUDO_UID !== undefined) chownSync(path, Number(SUDO_UID), Number(SUDO_GID ?? SUDO_UID));
}
