/**
 * Runs Cargo's tests of native/ and counts them.
 *
 * - runCargo(root)            an Outcome; a build that fails is one too
 * - parseCargo(output)        the counts of every `test result:` line, the ignored ones by name
 *
 * Cargo's own output is shown only when something failed: its closing lines would look like ours.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { asOwner } from '../setup/owner.mjs';
import { cleanEnvironment, insidePath } from '../setup/tools.mjs';
import { nothing, type NotRun, type Outcome } from './outcome.ts';

export function runCargo(root: string): Outcome {
  const manifest = join(root, 'native', 'Cargo.toml');
  if (!existsSync(manifest)) return nothing;
  const args = ['test', '--quiet', '--workspace', '--manifest-path', manifest];
  args.push('--', '--format', 'pretty');
  const started = Date.now();
  const who = asOwner(root, cleanEnvironment(insidePath()));
  const result = spawnSync('cargo', args, { cwd: root, ...who, encoding: 'utf8' });
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  const output = `${result.stdout ?? ''}${result.stderr ?? ''}${result.error?.message ?? ''}`;
  const outcome = parseCargo(result.stdout ?? '');
  if (result.status === 0) {
    process.stdout.write(` ok   native (cargo test)  ${outcome.passed} in ${seconds} s\n`);
    return outcome;
  }
  process.stdout.write(`FAIL  native (cargo test)  in ${seconds} s\n${output}\n`);
  if (outcome.failed > 0) return outcome;
  return { ...outcome, broken: [`cargo test ended with status ${result.status}`] };
}

export function parseCargo(output: string): Outcome {
  const notRun: NotRun[] = [];
  let passed = 0;
  let failed = 0;
  for (const line of output.split('\n')) {
    const counts = /^test result: \w+\. (\d+) passed; (\d+) failed;/.exec(line);
    if (counts !== null) {
      passed += Number(counts[1]);
      failed += Number(counts[2]);
    }
    const ignored = /^test (.+) \.\.\. ignored(?:, (.*))?$/.exec(line);
    if (ignored !== null) {
      notRun.push({ name: `native > ${ignored[1]}`, reason: ignored[2] ?? 'ignored' });
    }
  }
  return { passed, failed, notRun, broken: [] };
}
