/**
 * The frame of the experiments, run with experiments of the test's own: what is printed, what is
 * reported, and that nothing that fails is called good.
 */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { check } from './check.ts';
import { experiment, runExperiments, type Experiment } from './experiment.ts';
import { changesSince, sentence, snapshot } from './guard.ts';
import { undoAll } from './ledger.ts';
import type { Lab } from './experiment/lab.ts';
import type { Outcome } from './experiment/report.ts';

interface Ran {
  readonly status: number;
  readonly text: string;
  readonly outcomes: readonly Outcome[];
}

async function ran(experiments: readonly Experiment[], ...argv: string[]): Promise<Ran> {
  let text = '';
  const screen = { width: 72, color: false, write: (piece: string) => (text += piece) };
  const status = await runExperiments({ chapter: '09-tests', experiments, argv, screen });
  const lines = argv.includes('--json') ? text.trim().split('\n') : [];
  return { status, text, outcomes: lines.map(line => JSON.parse(line) as Outcome) };
}

function one(body: (lab: Lab) => Promise<void> | void): Experiment {
  return experiment('one', 'The only one', [], async lab => body(lab));
}

const needs = ['root', 'tool:ip'] as const;

const good = { claim: 'it is so', expected: 'so', observed: 'so', holds: true };

test('an experiment reads as title, narration, command, facts, and an aligned verdict', async () => {
  const { status, text } = await ran([
    experiment('shell', 'What a shell prints', [], async lab => {
      lab.say(
        'A paragraph that is a good deal longer than one line of this screen is wrapped at it.',
      );
      const { stdout } = await lab.shell`echo ${"it's"} ${'plain'}
        if true; then
          exit 3
        fi`;
      lab.show({ printed: stdout.trim(), length: stdout.length });
      lab.show([
        { pid: 1, name: 'sh' },
        { pid: 4711, name: 'sleep' },
      ]);
      lab.expect({ ...good, claim: 'the words arrive', observed: stdout.trim() });
    }),
    experiment('never', 'What cannot run', ['tool:no-such-tool'], async () => {}),
  ]);
  expect(status).toBe(0);
  expect(text).toMatchInlineSnapshot(`
    "
      Chapter 09 · tests  2 experiments

    ━━ 1/2  What a shell prints ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━ shell ━━

      A paragraph that is a good deal longer than one line of this screen
      is wrapped at it.

      $ echo 'it'\\''s' plain
      > if true; then
      >   exit 3
      > fi
        it's plain
        (exit status 3)

        printed  it's plain
        length           11

         pid  name
           1  sh
        4711  sleep

      ✔ the words arrive
        expected  so
        observed  it's plain
        verdict   holds

    ━━ 2/2  What cannot run ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━ never ━━

      NOT RUN  the tool no-such-tool is missing: install it
               npx tsx chapters/09-tests/run.ts --only never

    ━━ Summary ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━

      1  shell  What a shell prints  holds    2 of 2
      2  never  What cannot run      NOT RUN
         the tool no-such-tool is missing: install it

      1 holds, 0 fail, 1 NOT RUN

    "
  `);
});

test('as JSON each experiment is one object', async () => {
  const { status, outcomes } = await ran([one(lab => lab.expect(good))], '--json');
  expect(status).toBe(0);
  expect(outcomes).toEqual([
    {
      id: 'one',
      title: 'The only one',
      verdict: 'holds',
      reason: '',
      checks: [
        good,
        {
          claim: 'the host is as it was before',
          expected: 'unchanged',
          observed: 'unchanged',
          holds: true,
        },
      ],
    },
  ]);
});

test('a claim that does not hold fails the experiment and the run', async () => {
  const { status, outcomes } = await ran(
    [one(lab => lab.expect({ ...good, observed: 'not so', holds: false }))],
    '--json',
  );
  expect(status).toBe(1);
  expect(outcomes[0]).toMatchObject({ verdict: 'fails', reason: 'not so: it is so' });
});

test('an experiment that throws, or expects nothing, fails', async () => {
  const thrown = await ran([one(() => Promise.reject(new TypeError('no such thing')))], '--json');
  expect(thrown.outcomes[0]).toMatchObject({
    verdict: 'fails',
    reason: 'TypeError: no such thing',
  });
  const empty = await ran([one(lab => lab.say('nothing'))], '--json');
  expect(empty.status).toBe(1);
  expect(empty.outcomes[0]).toMatchObject({ verdict: 'fails', reason: 'it expected nothing' });
});

check('an experiment that leaks fails and names the object', { needs }, async () => {
  const leaking = one(lab => {
    lab.expect(good);
    execFileSync('ip', ['link', 'add', 'sliplab0', 'type', 'bridge']);
  });
  try {
    const { status, outcomes } = await ran([leaking], '--json');
    expect(status).toBe(1);
    expect(outcomes[0]?.checks.at(-1)).toMatchObject({
      observed: 'link sliplab0 appeared',
      holds: false,
    });
  } finally {
    execFileSync('ip', ['link', 'delete', 'sliplab0']);
  }
});

test('what is held is released in reverse order, also after a failure', async () => {
  const released: string[] = [];
  let folder = '';
  const holding = one(async lab => {
    folder = await lab.scratch();
    for (const name of ['first', 'second'])
      lab.hold({ [Symbol.dispose]: () => void released.push(`${name} ${existsSync(folder)}`) });
    throw new Error('in the middle');
  });
  expect((await ran([holding])).status).toBe(1);
  expect(released).toEqual(['second true', 'first true']);
  expect(existsSync(folder)).toBe(false);
});

test('what cannot run says why and what to type, and does not fail the run', async () => {
  const { status, outcomes } = await ran(
    [experiment('far', 'Too new', ['kernel>=99.0'], async () => {})],
    '--json',
  );
  expect(status).toBe(0);
  expect(outcomes[0]).toMatchObject({
    verdict: 'NOT RUN',
    reason: expect.stringContaining('needs Linux 99.0 or later'),
    command: 'npx tsx chapters/09-tests/run.ts --only far',
  });
});

test('an experiment that finds out on the way that it cannot run says NOT RUN', async () => {
  const { status, outcomes } = await ran([one(lab => lab.notRun('no such device'))], '--json');
  expect(status).toBe(0);
  expect(outcomes[0]).toMatchObject({ verdict: 'NOT RUN', reason: 'no such device' });
  const failing = one(lab => {
    lab.expect({ ...good, holds: false });
    lab.notRun('no such device');
  });
  expect((await ran([failing], '--json')).outcomes[0]).toMatchObject({ verdict: 'fails' });
});

test('--list names them, --only chooses, and an unknown id or flag is refused', async () => {
  const two = [
    experiment('a', 'The first', [], async lab => lab.expect(good)),
    experiment('b', 'The second', [], async lab => lab.expect(good)),
  ];
  expect((await ran(two, '--list')).text).toBe(
    'a                The first\nb                The second\n',
  );
  const { outcomes } = await ran(two, '--only', 'b', '--json');
  expect(outcomes.map(({ id }) => id)).toEqual(['b']);
  expect((await ran(two, '--only', 'c')).status).toBe(2);
  expect((await ran(two, '--fast')).status).toBe(2);
});

test('a command runs literally: unset variables and failing pipes are what they are in bash', async () => {
  const seen: unknown[] = [];
  await ran([
    one(async lab => {
      const result = await lab.shell`false | echo "[$NOT_SET_ANYWHERE]"; echo oops >&2`;
      seen.push(result.stdout, result.stderr, result.exitCode);
      seen.push((await lab.shell`printf %s ${'a\n    b'}`).stdout);
      seen.push((await lab.shell`kill -9 $$`).exitCode);
      lab.expect(good);
    }),
  ]);
  expect(seen).toEqual(['[]\n', 'oops\n', 0, 'a\n    b', 137]);
});

interface Started extends AsyncDisposable {
  readonly child: ChildProcess;
  readonly printed: () => string;
}

/** An experiment that has a folder, a child and a link, and would go on for long. */
async function neverEnding(state: string): Promise<Started> {
  const program = join(import.meta.dirname, 'experiment/never-ends.ts');
  const child = spawn(process.execPath, ['--import', 'tsx', program], {
    env: { ...process.env, SLIPWAY_STATE: state },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.on('data', (piece: Buffer) => (text += piece.toString()));
  await expect.poll(() => text, { timeout: 20_000 }).toContain('sleep 1000');
  return {
    child,
    printed: () => text,
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}

check('killed in the middle, an experiment is undone by the clean-up', { needs }, async context => {
  const state = await context.scratch();
  const before = await snapshot();
  const { child } = context.hold(await neverEnding(state));
  const appeared = async (): Promise<Set<string>> =>
    new Set((await changesSince(before, { patienceMs: 0 })).map(({ kind }) => kind));
  // The command is printed before it runs: it is waited for, and stays when its parent is killed.
  await expect.poll(appeared, { timeout: 20_000 }).toContain('process');
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  await exit;
  expect(await appeared()).toEqual(new Set(['folder', 'link', 'process']));
  const summary = await undoAll({ path: join(state, 'ledger.jsonl') });
  expect(summary).toMatchObject({ undone: 3, failures: [] });
  expect((await changesSince(before)).map(sentence)).toEqual([]);
});

check(
  'at Ctrl-C an experiment releases what it holds and ends with 130',
  { needs },
  async context => {
    const { child, printed } = context.hold(await neverEnding(await context.scratch()));
    const exit = once(child, 'exit');
    child.kill('SIGINT');
    expect(await exit).toEqual([130, null]);
    expect(printed()).toContain('interrupted by SIGINT');
    expect(printed()).not.toContain('the host is as it was before');
    expect(printed()).not.toContain('never begun');
  },
);
