/**
 * Made files as the formatter would have them.
 *
 * - formatted(root, texts)   path → text; the path decides about the width, as in the tree itself
 *
 * They are formatted in a temporary folder: a check must not write into the tree. The formatter is
 * told to leave exercises alone there, because a learner works in them; here it is not.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { toolFindings } from '../checks/check.ts';

const configuration = '.oxfmtrc.json';

/** @throws Error if the formatter cannot read one of the texts */
export function formatted(
  root: string,
  texts: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> {
  if (texts.size === 0) return texts;
  const folder = mkdtempSync(join(tmpdir(), 'slipway-formatted-'));
  try {
    const rules = JSON.parse(readFileSync(join(root, configuration), 'utf8')) as object;
    writeFileSync(join(folder, configuration), JSON.stringify({ ...rules, ignorePatterns: [] }));
    for (const [file, text] of texts) {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      writeFileSync(join(folder, file), text);
    }
    const findings = toolFindings(folder, 'oxfmt', ['--config', configuration, '.']);
    if (findings.length > 0) throw new Error(`oxfmt failed: ${findings.join('\n')}`);
    const files = [...texts.keys()];
    return new Map(files.map(file => [file, readFileSync(join(folder, file), 'utf8')]));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
