/**
 * Tries a thing in a process of its own; what went wrong, or undefined.
 *
 * - attempt(command)   the last line of its complaint, when it did not end with status 0
 *
 * Whether a kernel can do a thing is found out by doing it: a version number proves nothing about
 * what was left out of a build or forbidden by a policy.
 */
import { spawnSync } from 'node:child_process';
import { cleanEnvironment, insidePath } from '../setup/tools.mjs';

export type Attempt = (command: readonly string[]) => string | undefined;

export const attempt: Attempt = ([program = '', ...args]) => {
  const env = { ...cleanEnvironment(insidePath()), LC_ALL: 'C' };
  const { error, status, signal, stderr } = spawnSync(program, args, {
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  if (error !== undefined) return error.message;
  if (status === 0) return undefined;
  const complaint = stderr.trim().split('\n').at(-1) ?? '';
  return complaint === '' ? `ended with ${signal ?? `status ${status}`}` : complaint;
};
