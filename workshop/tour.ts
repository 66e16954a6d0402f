/**
 * `npm start`: every chapter that exists runs its documented experiments, one after the other.
 *
 * A chapter runs in a process of its own, as when a reader starts its run.ts from the top of the
 * tree. Exit status 1 when an experiment of any chapter failed.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { root } from './setup/tools.mjs';
import { takeTour } from './tour/take.ts';

function visit(chapter: string): boolean {
  const tsx = join(root, 'node_modules', '.bin', 'tsx');
  const { status } = spawnSync(tsx, [`${chapter}/run.ts`], { cwd: root, stdio: 'inherit' });
  return status === 0;
}

process.exitCode = takeTour(root, visit, text => console.log(text));
