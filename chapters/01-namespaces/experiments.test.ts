// The documented experiments as a reader starts them: run.ts, in a process of its own.
//
// Each is one test here, so that one which cannot run on this machine is counted as
// NOT RUN with its own reason. Root runs them once more as an ordinary user.

import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { promisify } from 'node:util';
import { describe, expect } from 'vitest';
import { check, type CheckContext } from '@slipway/lab/check.ts';
import type { Outcome } from '@slipway/lab';

const folder = import.meta.dirname;
const run = `${folder}/run.ts`;
/** A guest boots slowly on a busy machine. */
const timeoutMs = 300_000;

const ids = [
  ...['pid', 'process', 'uts', 'ipc', 'mount', 'net', 'user'],
  ...['kernel', 'vm', 'time', 'cgroup', 'enter'],
];

/** What root puts before a command to run it as nobody. */
const asNobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];

async function start(words: readonly string[], before: readonly string[] = []) {
  const [program, ...args] = [...before, process.execPath, '--import', 'tsx', run];
  const options = { cwd: folder, maxBuffer: 2 ** 24 };
  // An experiment that fails makes the status 1; what failed stands in its outcome.
  return promisify(execFile)(program, [...args, ...words], options).catch(
    (failure: unknown) => {
      if (failure instanceof Error && 'stdout' in failure && 'stderr' in failure) {
        return { stdout: String(failure.stdout), stderr: String(failure.stderr) };
      }
      throw failure;
    },
  );
}

async function outcomeOf(id: string, before: readonly string[] = []): Promise<Outcome> {
  const { stdout, stderr } = await start(['--only', id, '--json'], before);
  if (stdout === '') throw new Error(`${id} printed no outcome: ${stderr}`);
  return JSON.parse(stdout) as Outcome;
}

/** NOT RUN needs a reason and a way out; everything else has to hold. */
function judge(
  context: CheckContext,
  { verdict, reason, command, checks }: Outcome,
): void {
  if (verdict === 'NOT RUN') {
    expect(reason).not.toBe('');
    expect(command).toMatch(/npx tsx chapters\/01-namespaces\/run\.ts --only \w+$/);
    context.skip(`NOT RUN: ${reason}`);
  }
  expect(checks.filter(({ holds }) => !holds)).toEqual([]);
  expect({ verdict, reason }).toEqual({ verdict: 'holds', reason: '' });
  // The last check is the host guard's own.
  expect(checks.length).toBeGreaterThan(1);
}

check(
  'the list names every experiment that there is, in the order of the prose',
  async () => {
    const { stdout } = await start(['--list']);
    const listed = stdout
      .trim()
      .split('\n')
      .map(line => line.split(' ')[0]);
    expect(listed).toEqual(ids);
    const files = readdirSync(`${folder}/experiments`).filter(name =>
      /^\d-/.test(name),
    );
    expect(files).toHaveLength(ids.length);
  },
);

describe('the experiment', () => {
  for (const id of ids) {
    check(`${id} holds`, { guard: true, timeoutMs }, async context => {
      judge(context, await outcomeOf(id));
    });
  }
});

describe('for an ordinary user the experiment', () => {
  for (const id of ids.filter(one => one !== 'vm' && one !== 'cgroup')) {
    const options = { needs: ['root', 'tool:setpriv'], timeoutMs } as const;
    check(`${id} holds in a user namespace`, options, async context => {
      await skipIfHidden(context);
      judge(context, await outcomeOf(id, asNobody));
    });
  }

  check(
    'cgroup is NOT RUN, with the command that runs it',
    { needs: ['root', 'tool:setpriv'] },
    async context => {
      await skipIfHidden(context);
      const { verdict, command } = await outcomeOf('cgroup', asNobody);
      expect(verdict).toBe('NOT RUN');
      expect(command).toBe('sudo npx tsx chapters/01-namespaces/run.ts --only cgroup');
    },
  );
});

/** A tree in root's home is not for others to read. */
async function skipIfHidden(context: CheckContext): Promise<void> {
  const [program, ...args] = [...asNobody, 'test', '-r', run];
  await promisify(execFile)(program, args).catch(() => {
    context.skip(`NOT RUN: an ordinary user cannot read ${run}: clone it elsewhere`);
  });
}
