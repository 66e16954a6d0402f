// The documented experiments as a reader starts them: run.ts, in a process of its own.
//
// All of them run once as root, and once as an ordinary user. Each is a test here, so
// that one which cannot run on this machine is counted as NOT RUN with its own reason.
// Every experiment runs under the host guard already; that check is its last.

import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { promisify } from 'node:util';
import { beforeAll, describe, expect } from 'vitest';
import { firstUnmet, type Outcome, type Requirement } from '@slipway/lab';
import { check, type CheckContext } from '@slipway/lab/check.ts';

const folder = import.meta.dirname;
const run = `${folder}/run.ts`;
/** A guest boots slowly on a busy machine, and inside of one everything is slow. */
const timeoutMs = 300_000 * Number(process.env['SLIPWAY_SLOW'] ?? 1);

const ids = [
  ...['pid', 'process', 'uts', 'ipc', 'mount', 'net', 'user'],
  ...['kernel', 'vm', 'time', 'cgroup', 'enter'],
];

/** What root puts before a command to run it as nobody. */
const asNobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];
const needsForNobody: readonly Requirement[] = ['root', 'tool:setpriv'];

check(
  'the list names every experiment that there is, as the prose has them',
  async () => {
    const listed = (await start(['--list'])).map(line => line.split(' ')[0]);
    expect(listed).toEqual(ids);
    const files = readdirSync(`${folder}/experiments`).filter(name =>
      /^\d-/.test(name),
    );
    expect(files).toHaveLength(ids.length);
  },
);

describe('the experiment', () => {
  const outcomes = new Map<string, Outcome>();
  beforeAll(() => runInto(outcomes, ids), timeoutMs);

  for (const id of ids)
    check(`${id} holds`, context => judge(context, outcomes.get(id)));
});

describe('for an ordinary user the experiment', () => {
  const outcomes = new Map<string, Outcome>();
  const inUserNamespace = ids.filter(id => id !== 'vm' && id !== 'cgroup');
  beforeAll(async () => {
    if (firstUnmet(needsForNobody) === undefined && (await isReadableForNobody())) {
      await runInto(outcomes, [...inUserNamespace, 'cgroup'], asNobody);
    }
  }, timeoutMs);

  for (const id of inUserNamespace) {
    check(
      `${id} holds in a user namespace`,
      { needs: needsForNobody },
      async context => {
        await skipIfHidden(context);
        judge(context, outcomes.get(id));
      },
    );
  }

  check(
    'cgroup is NOT RUN, and says how to run it',
    { needs: needsForNobody },
    async c => {
      await skipIfHidden(c);
      const { verdict, command } = outcomes.get('cgroup') ?? {};
      expect(verdict).toBe('NOT RUN');
      expect(command).toBe('sudo npx tsx chapters/01-namespaces/run.ts --only cgroup');
    },
  );
});

/** NOT RUN needs a reason and a way out; everything else has to hold. */
function judge(context: CheckContext, outcome: Outcome | undefined): void {
  if (outcome === undefined) throw new Error('run.ts printed no outcome for it');
  const { verdict, reason, command, checks } = outcome;
  if (verdict === 'NOT RUN') {
    expect(reason).not.toBe('');
    expect(command).toMatch(/npx tsx chapters\/01-namespaces\/run\.ts --only \w+$/);
    context.skip(`NOT RUN: ${reason}`);
  }
  expect(checks.filter(({ holds }) => !holds)).toEqual([]);
  expect({ verdict, reason }).toEqual({ verdict: 'holds', reason: '' });
  // One of its own, beside the guard's.
  expect(checks.length).toBeGreaterThan(1);
}

async function runInto(
  outcomes: Map<string, Outcome>,
  chosen: readonly string[],
  before: readonly string[] = [],
): Promise<void> {
  const only = chosen.flatMap(id => ['--only', id]);
  for (const line of await start(['--json', ...only], before)) {
    const outcome: Outcome = JSON.parse(line);
    outcomes.set(outcome.id, outcome);
  }
}

/** The lines that run.ts prints. */
async function start(
  words: readonly string[],
  before: readonly string[] = [],
): Promise<readonly string[]> {
  const [program, ...args] = [...before, process.execPath, '--import', 'tsx', run];
  const options = { cwd: folder, maxBuffer: 2 ** 24 };
  // An experiment that fails makes the status 1; what failed stands in its outcome.
  const { stdout } = await promisify(execFile)(
    program,
    [...args, ...words],
    options,
  ).catch((failure: unknown) => {
    const spoke =
      failure instanceof Error && 'stdout' in failure && failure.stdout !== '';
    if (spoke) return { stdout: String(failure.stdout) };
    throw failure;
  });
  return stdout.trim().split('\n');
}

/** A tree in root's home is not for others to read. */
async function isReadableForNobody(): Promise<boolean> {
  const [program, ...args] = [...asNobody, 'test', '-r', run];
  return promisify(execFile)(program, args).then(
    () => true,
    () => false,
  );
}

async function skipIfHidden(context: CheckContext): Promise<void> {
  if (await isReadableForNobody()) return;
  context.skip(`NOT RUN: an ordinary user cannot read ${folder}: clone it elsewhere`);
}
