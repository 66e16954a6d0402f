/**
 * Every test of every tier that can run on this machine; the last line is the count.
 *
 *     npm test                            the whole tree
 *     npm test -- chapters/01-namespaces  one folder or file; the same as `npm test` inside it
 *     npm test -- -t 'a sentence'         what follows a dash goes to vitest
 *     npm test -- --known FILE            fail when a test does not run that FILE does not list
 *
 * SUBJECT=path makes the checkpoints drive that program instead of the chapter's own run.ts.
 * Exit status 1 when a test failed, when none was executed, when something broke outside a test.
 */
import { existsSync, readFileSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { parseArgs } from './tests/arguments.ts';
import { runCargo } from './tests/cargo.ts';
import { parseKnown, returned, unexpected } from './tests/known.ts';
import { closingLine, merge, type NotRun, type Outcome, verdict } from './tests/outcome.ts';
import { runVitest } from './tests/vitest.ts';
import { root } from './setup/tools.mjs';

const print = (line: string): boolean => process.stdout.write(`${line}\n`);

function fromRoot(path: string): string {
  const atRoot = resolve(root, path);
  return relative(root, existsSync(atRoot) ? atRoot : resolve(path));
}

function reasonsFromKnown(file: string, notRun: readonly NotRun[]): readonly string[] {
  const known = parseKnown(readFileSync(file, 'utf8'));
  for (const one of returned(notRun, known))
    print(`now runs: ${one.name} -> take it out of ${file}`);
  return unexpected(notRun, known).map(one => `did not run and is not in ${file}: ${one.name}`);
}

function runAll(scopes: readonly string[], flags: readonly string[]): Outcome {
  const outcomes = [runVitest(root, scopes, flags)];
  const withNative = scopes.length === 0 || scopes.includes('native');
  if (withNative && flags.length === 0) outcomes.push(runCargo(root));
  return merge(outcomes);
}

function main(argv: readonly string[]): number {
  const { scopes, flags, known } = parseArgs(argv);
  const outcome = runAll(scopes.map(fromRoot), flags);
  if (outcome.notRun.length > 0) print('\nNOT RUN');
  for (const one of outcome.notRun) print(`  ${one.name}\n      ${one.reason}`);
  const reasons = [...verdict(outcome)];
  if (known !== undefined) reasons.push(...reasonsFromKnown(known, outcome.notRun));
  print('');
  for (const reason of reasons) print(`not good: ${reason}`);
  print(closingLine(outcome));
  return reasons.length === 0 ? 0 : 1;
}

process.exitCode = main(process.argv.slice(2));
