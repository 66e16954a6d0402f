/**
 * The vm tier alone; the last line is the count.
 *
 *     npm run test:vm                              native and chapters, on v2 and on v1
 *     npm run test:vm -- chapters/02-cgroups       one folder or file
 *     npm run test:vm -- --kernel FOLDER …         another kernel than Debian's, from its packages
 *     npm run test:vm -- --cgroup v1 -t 'a word'   one world; other flags go to vitest
 *
 * Exit status 1 when a test failed, when none was executed, and when a guest broke.
 */
import { parseArgs } from '../tests/arguments.ts';
import { closeRun } from '../tests/outcome.ts';
import { UsageError, takeWorld } from './arguments.ts';
import { runVmTier, worlds } from './suite.ts';

const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

async function main(argv: readonly string[]): Promise<number> {
  const chosen = takeWorld(argv);
  const { scopes, flags } = parseArgs(chosen.rest);
  const asked = chosen.worlds.length === 0 ? worlds : chosen.worlds;
  return closeRun(await runVmTier(scopes, flags, asked, print, chosen.kernel), print);
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
}
