// Many processes that hold a lease each.
//
// - `startWorkers(lab, world, count, alias)`: all at once → the address of each

import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { scratchFolder, type Lab } from '@slipway/lab';
import { readProcess, type ProcessIdentity } from '@slipway/lab/proc/processes.ts';
import type { World } from '../../world/world.ts';

export interface Worker {
  readonly address: string;
  /** In the ledger it is the owner of what it makes. */
  readonly identity: ProcessIdentity | undefined;
  /** `kill -9`, and its end. */
  kill(): Promise<void>;
}

export async function startWorkers(
  lab: Pick<Lab, 'hold'>,
  world: World,
  count: number,
  alias: string,
): Promise<readonly Worker[]> {
  const cache = lab.hold(scratchFolder()).path;
  const env = { ...process.env, NODE_COMPILE_CACHE: cache };
  // Fifty compilers at once would want more memory than a small machine has.
  const [node = '', ...load] = workerWords();
  await promisify(execFile)(node, load, { env });
  const argv: readonly string[] = [...world.host.enter, node, ...load, alias];
  const [program = '', ...words] = argv;
  const children = Array.from({ length: count }, () =>
    spawn(program, words, { env, stdio: 'pipe' }),
  );
  lab.hold({
    [Symbol.asyncDispose]: async () => {
      await Promise.all(children.map(endWell));
    },
  });
  return Promise.all(
    children.map(async child => ({
      address: await firstLine(child),
      identity: readProcess(child.pid ?? 0),
      kill: async () => {
        child.kill('SIGKILL');
        if (child.exitCode === null && child.signalCode === null) {
          await once(child, 'exit');
        }
      },
    })),
  );
}

/** Where Node reads TypeScript itself, a worker wants half of the memory of tsx. */
function workerWords(): readonly string[] {
  const own = process.features.typescript === 'strip';
  const load = own ? ['--max-semi-space-size=1'] : ['--import', 'tsx'];
  return [process.execPath, ...load, `${import.meta.dirname}/lease-worker.ts`];
}

async function endWell(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.stdin?.end();
  await once(child, 'exit');
}

function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    child.stdout?.setEncoding('utf8').once('data', (text: string) => {
      resolve(text.trim());
    });
    let said = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (said += text));
    child.once('close', status => {
      reject(new Error(`a worker ended with ${status}: ${said.trim()}`));
    });
  });
}
