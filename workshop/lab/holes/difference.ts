/**
 * A unified diff of two texts, made by diff(1).
 *
 * - difference(file, before, after)   as `diff -u`, with a/file and b/file for names; empty if the
 *                                     texts are equal
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export function difference(file: string, before: string, after: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-difference-'));
  try {
    writeFileSync(join(folder, 'before'), before);
    writeFileSync(join(folder, 'after'), after);
    const labels = ['--label', `a/${file}`, '--label', `b/${file}`];
    const { error, status, stdout, stderr } = spawnSync(
      'diff',
      ['-u', ...labels, 'before', 'after'],
      { cwd: folder, encoding: 'utf8' },
    );
    if (error !== undefined) throw error;
    // 1 says that they differ; more says that something went wrong.
    if ((status ?? 2) > 1) throw new Error(`diff failed: ${stderr.trim()}`);
    return stdout;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
