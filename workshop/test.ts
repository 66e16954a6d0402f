/**
 * Every test of every tier that can run on this machine; the last line is the count.
 *
 *     npm test                            the whole tree, here and in guests with another kernel
 *     npm test -- chapters/01-namespaces  one folder or file; the same as `npm test` inside it
 *     npm test -- -t 'a sentence'         what follows a dash goes to vitest
 *     npm test -- --known FILE            fail when a test does not run that FILE does not list
 *
 * SUBJECT=path makes the checkpoints drive that program instead of the chapter's own run.ts; the
 * path is meant from the folder in which you type it.
 * Exit status 1 when a test failed, when none was executed, when something broke outside a test.
 */
import { existsSync, readFileSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { undoAll } from '@slipway/lab/ledger.ts';
import { parseArgs } from './tests/arguments.ts';
import { runCargo } from './tests/cargo.ts';
import { parseKnown, returned, unexpected } from './tests/known.ts';
import { closeRun, merge, nothing, type NotRun, type Outcome } from './tests/outcome.ts';
import { runVitest } from './tests/vitest.ts';
import { runVmTier, shortScopes, worlds } from './vm/suite.ts';
import { root } from './setup/tools.mjs';

const print = (line: string): boolean => process.stdout.write(`${line}\n`);

/** What takes an hour or more has a command of its own. */
const elsewhere: readonly NotRun[] = [
  {
    name: 'vagrant/boot/test.ts > the labs’ machines start, and every experiment runs in them',
    reason: 'takes hours where QEMU emulates: npm run test:lab',
  },
  {
    name: 'workshop/vm/test.ts > all of native and of the chapters, in guests of both worlds',
    reason: 'takes hours where QEMU emulates, a part of it has run: npm run test:vm',
  },
];

function fromRoot(path: string): string {
  const atRoot = resolve(root, path);
  return relative(root, existsSync(atRoot) ? atRoot : resolve(path));
}

/** A SUBJECT is examined by the checkpoints; the other tests are about the chapter itself. */
function examined(scope: string): string {
  const checkpoints = `${scope}/checkpoints.test.ts`;
  const named = process.env['SUBJECT'] !== undefined;
  return named && existsSync(resolve(root, checkpoints)) ? checkpoints : scope;
}

/** A test that does not run although nobody wrote that down is something broken. */
function compareWithKnown(file: string, notRun: readonly NotRun[]): Outcome {
  const known = parseKnown(readFileSync(file, 'utf8'));
  for (const one of returned(notRun, known))
    print(`now runs: ${one.name} -> take it out of ${file}`);
  const names = unexpected(notRun, known).map(one => one.name);
  return { ...nothing, broken: names.map(name => `did not run, and not in ${file}: ${name}`) };
}

async function runAll(scopes: readonly string[], flags: readonly string[]): Promise<Outcome> {
  const outcomes = [runVitest(root, scopes, flags)];
  const whole = scopes.length === 0 && flags.length === 0;
  if (whole || scopes.includes('native')) outcomes.push(runCargo(root));
  if (whole) {
    outcomes.push(await runVmTier(shortScopes(), [], worlds, print));
    outcomes.push({ ...nothing, notRun: elsewhere });
  }
  return merge(outcomes);
}

async function main(argv: readonly string[]): Promise<number> {
  const { scopes, flags, known } = parseArgs(argv);
  const outcome = await runAll(scopes.map(fromRoot).map(examined), flags);
  // A test that was killed has settled nothing, and nobody is to find it later.
  await undoAll({ report: line => line.startsWith('kept') || print(line) });
  const compared = known === undefined ? nothing : compareWithKnown(known, outcome.notRun);
  return closeRun(merge([outcome, compared]), print);
}

process.exitCode = await main(process.argv.slice(2));
