/**
 * A shell, or one command, in a guest whose root is this machine's, read-only.
 *
 *     npm run vm                             a shell on cgroup v2; `exit` powers the guest off
 *     npm run vm -- --cgroup v1              the same on v1
 *     npm run vm -- --cgroup v1 -- COMMAND…  runs the command and ends with its exit status
 *     npm run vm -- --kernel FOLDER          another kernel than Debian's, from its packages
 *     echo 'uname -r' | npm run vm           a script from standard input
 *
 * What is written goes to a layer in the guest's memory and is gone with it.
 */
import { text } from 'node:stream/consumers';
import { UsageError, takeWorld } from './arguments.ts';
import { type GuestHost, type GuestRequest, prepareGuests, runInGuest } from './guest.ts';
import type { Terminal } from './initramfs.ts';
import { shellWord } from './shell-word.ts';
import { Unavailable } from './unavailable.ts';

const complain = (line: string): boolean => process.stderr.write(`${line}\n`);

async function main(argv: readonly string[]): Promise<number> {
  const { worlds, kernel, rest } = takeWorld(argv);
  const [world = 'v2', ...more] = worlds;
  if (more.length > 0) throw new UsageError('a guest has one world: --cgroup v1 or --cgroup v2');
  const words = rest[0] === '--' ? rest.slice(1) : rest;
  const host = await prepareGuests(kernel);
  if (host instanceof Unavailable) {
    complain(`no guest here: ${host.reason}`);
    return 1;
  }
  return await start(host, { world, ...(await whatToRun(words)) });
}

async function whatToRun(words: readonly string[]): Promise<Omit<GuestRequest, 'world'>> {
  const output = (news: string): void => {
    process.stdout.write(news);
  };
  if (words.length > 0) return { command: `exec ${words.map(shellWord).join(' ')}\n`, output };
  if (!process.stdin.isTTY || !process.stdout.isTTY) {
    return { command: await text(process.stdin), output };
  }
  return { command: 'exec bash -i\n', terminal: ownTerminal() };
}

function ownTerminal(): Terminal {
  const { rows, columns } = process.stdout;
  return { rows, columns, term: process.env['TERM'] ?? 'linux' };
}

async function start(host: GuestHost, request: GuestRequest): Promise<number> {
  const { release } = host.kernel;
  complain(
    `Linux ${release} in QEMU (${host.accelerator}), cgroup ${request.world}: a few seconds`,
  );
  const result = await runInGuest(host, request);
  if (result.failure === undefined) return result.status ?? 1;
  complain(`${result.console.trimEnd()}\n${result.failure}`);
  return 1;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  complain(error.message);
  process.exitCode = 2;
}
