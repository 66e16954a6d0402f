// A container of this chapter with a shell that answers, started by run.ts itself.
//
// - openContainer(lab, flags): `run.ts FLAGS -i -- sh`, shown as the reader types it
// - container.ask(line): types a line to its shell, shows it, returns the answer
// - container.pid: the host's number of the container's first process
//
// The lab ends it with the experiment.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { relative } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import type { Lab } from '@slipway/lab';
import { listProcesses } from '@slipway/lab/proc/processes.ts';

export interface Container {
  readonly pid: number;
  ask(line: string): Promise<readonly string[]>;
  /** Resolves when run.ts has ended: its exit status, or 128 + the signal's number. */
  readonly ended: Promise<number>;
}

/** This chapter's run.ts, as it is typed from the folder that the lab runs in. */
export const run = relative(process.cwd(), `${import.meta.dirname}/../../run.ts`);

export async function openContainer(
  lab: Lab,
  flags: readonly string[],
  application: readonly string[] = ['sh'],
): Promise<Container> {
  const words = [...flags, '-i', '--', ...application];
  lab.show([`$ npx tsx ${run} \\`, `    ${words.join(' ')}`]);
  const child = spawn(process.execPath, ['--import', 'tsx', run, ...words], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, LC_ALL: 'C', TERM: 'dumb' },
  });
  const ended = once(child, 'exit').then(([code]: (number | null)[]) => code ?? 255);
  child.stdin.on('error', () => undefined); // it may end while it is typed to
  lab.hold({
    [Symbol.asyncDispose]: async () => {
      // SIGTERM: run.ts passes it on; at the end of its input the shell ends by itself.
      child.stdin.end();
      const waited = await Promise.race([ended, pause(1500, 'alive')]);
      if (waited === 'alive') child.kill('SIGKILL');
      await ended;
    },
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  child.stdin.write('exec 2>&1\n');
  const ask = async (line: string, silent = false): Promise<readonly string[]> => {
    child.stdin.write(`{ ${line}\n} < /dev/null\necho end of the answer\n`);
    const answer: string[] = [];
    // Node's pipes do not block; dash says that it makes its own block.
    for (;;) {
      const next = await lines.next();
      if (next.done || next.value === 'end of the answer') break;
      if (!next.value.includes('NDELAY')) answer.push(next.value);
    }
    if (!silent) lab.show([`/ # ${line}`, ...answer]);
    return answer;
  };
  await ask(':', true);
  // tsx has a child of its own, which compiles for it.
  const first = listProcesses().find(
    ({ parent, name }) => parent === child.pid && name !== 'esbuild',
  );
  return { pid: first?.pid ?? 0, ask, ended };
}
