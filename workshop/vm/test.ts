/**
 * The vm tier alone; the last line is the count.
 *
 *     npm run test:vm                              native, workshop/lab and chapters, on v2 and on v1
 *     npm run test:vm -- chapters/02-cgroups       one folder or file
 *     npm run test:vm -- --cgroup v1 -t 'a word'   one world; other flags go to vitest
 *
 * Exit status 1 when a test failed, when none was executed, and when a guest broke.
 */
import { parseArgs } from '../tests/arguments.ts';
import { type Outcome, closingLine, verdict } from '../tests/outcome.ts';
import { UsageError, takeWorld } from './arguments.ts';
import { runVmTier, worlds } from './suite.ts';

const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

async function main(argv: readonly string[]): Promise<number> {
  const chosen = takeWorld(argv);
  const { scopes, flags } = parseArgs(chosen.rest);
  const asked = chosen.worlds.length === 0 ? worlds : chosen.worlds;
  return close(await runVmTier(scopes, flags, asked, print));
}

function close(outcome: Outcome): number {
  if (outcome.notRun.length > 0) print('\nNOT RUN');
  for (const one of outcome.notRun) print(`  ${one.name}\n      ${one.reason}`);
  const reasons = verdict(outcome);
  print('');
  for (const reason of reasons) print(`not good: ${reason}`);
  print(closingLine(outcome));
  return reasons.length === 0 ? 0 : 1;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
}
