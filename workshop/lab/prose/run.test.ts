/**
 * Prose typed into real terminals: what fits passes, and each way not to fit has its message.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { check } from '../check.ts';
import { removeControlGroup } from '../ledger/undo-cgroup.ts';
import { written } from '../check/written.ts';
import { runProse, type BlockResult, type ProseOptions } from './run.ts';

const fence = '```';

/** The results for one console block, of which the fence is on line 3. */
async function typed(
  lines: readonly string[],
  info = '',
  options: ProseOptions = {},
): Promise<BlockResult> {
  const block = [`${fence}console ${info}`, ...lines, fence].join('\n');
  const [, result] = await run(`<!-- prose: blocks=1 -->\n\n${block}\n`, options);
  if (result === undefined) throw new Error('there was no block');
  return result;
}

async function run(text: string, options: ProseOptions = {}): Promise<readonly BlockResult[]> {
  using place = written({ 'README.md': text });
  const results = await runProse(join(place.folder, 'README.md'), {
    root: place.folder,
    ...options,
  });
  return results.map(result => ({
    ...result,
    ...(result.message && { message: result.message.replaceAll(`${place.folder}/`, '') }),
  }));
}

/** As many lines of a message as say what is wrong. */
function said({ status, message = '' }: BlockResult): string {
  return [status, ...message.split('\n').slice(0, 3)].join('\n');
}

check('a block that shows what the prose says passes', async () => {
  const lines = [
    '$ echo one; echo two >&2',
    'one',
    'two',
    '$ cd /tmp',
    '$ pwd; A=kept',
    '/tmp',
    '$ cat <<END',
    "> $A 'quoted'",
    '> END',
    "kept 'quoted'",
    String.raw`$ echo a \ `.trim(),
    'b',
    'a b',
    '$ printf "no end of line"',
    'no end of line',
    '$ nosuch',
    'bash: nosuch: command not found',
  ];
  expect(await typed(lines)).toEqual({ name: 'echo one; echo two >&2', status: 'passed' });
});

check(
  'it is a terminal: a reader sees the same columns and the same words about jobs',
  async () => {
    const lines = ['$ touch a b c; ls', 'README.md a b c', '$ test -t 0 && test -t 1 && tput cols'];
    const jobs = ['80', '$ sleep 100 &', '…', "$ bash -c 'kill $$'", 'Terminated', '$ kill %1'];
    expect(await typed([...lines, ...jobs])).toMatchObject({ status: 'passed' });
  },
);

check(
  'the tools of the tree come first in the path, and nothing of the test is there',
  async () => {
    const lines = [
      '$ echo $PATH | cut -d: -f1 | xargs basename -a',
      '.bin',
      '$ env | grep -c VITEST',
    ];
    expect(await typed([...lines, '0'])).toMatchObject({ status: 'passed' });
  },
);

check('what is typed into a command gets to it, and then an end of file', async () => {
  const lines = [
    '$ A=outside; bash -s -- "it\'s"',
    '/ # echo $1 $A.',
    "it's .",
    '/ # cd /',
    '/ # read -r line',
    '/ # typed',
    '/ # pwd; echo $line',
    '/',
    'typed',
    '$ cat; echo $A',
    '/ # for cat',
    'for cat',
    'outside',
  ];
  expect(await typed(lines)).toEqual({ name: lines[0]?.slice(2), status: 'passed' });
});

check('the prompts of a shell inside are not output', async () => {
  const lines = ['$ printf "/ # one\\n/ # two\\n"; cat >&2', '/ # x', 'one', 'two', 'x'];
  expect(await typed(lines)).toMatchObject({ status: 'passed' });
});

check('a wrong output fails with its line, what was expected, and what was got', async () => {
  const result = await typed(['$ true', '$ echo one; echo two', 'one', 'three']);
  expect(result.message).toBe(`README.md:7: the output of $ echo one; echo two
  expected  three
  got       two
  all that it showed:
    one
    two`);
  expect(said(await typed(['$ echo one']))).toBe(
    'failed\nREADME.md:4: the output of $ echo one\n  expected  no more output\n  got       one',
  );
  expect(said(await typed(['$ true', 'one']))).toBe(
    'failed\nREADME.md:5: the output of $ true\n  expected  one\n  got       no more output',
  );
});

check('an undeclared placeholder fails, and its block is not even run', async () => {
  using place = written({});
  const result = await typed([`$ touch ${place.folder}/ran`, '$ echo $$', '<pid>']);
  expect(result).toMatchObject({
    status: 'failed',
    message: 'README.md:6: nothing says what <pid> stands for: add <!-- pattern: <pid> = … -->',
  });
  expect(() => readFileSync(`${place.folder}/ran`)).toThrow('ENOENT');
});

check('a block that hangs is stopped and named, with all that it started', async () => {
  using place = written({});
  const background = `setsid sh -c 'echo $$ > ${place.folder}/pid; exec sleep 1000' &`;
  const lines = ['$ echo before', 'before', `$ ${background} cat`, '…'];
  const { status, message } = await typed(lines, 'limit=1', { slow: 2 });
  expect(status).toBe('failed');
  expect(message).toContain(`README.md:6: stopped after 2 s: $ ${background} cat`);
  const pid = readFileSync(`${place.folder}/pid`, 'utf8').trim();
  expect(() => readFileSync(`/proc/${pid}/stat`)).toThrow('ENOENT');
});

check('a session that ends before its last command fails', async () => {
  expect(await typed(['$ exit 3'])).toMatchObject({ status: 'passed' });
  expect(await typed(['$ exec echo bye', 'bye', '$ true'])).toMatchObject({
    status: 'failed',
    message: 'README.md:6: the session ended at line 4, before this command',
  });
});

check('a block with an unmet need is NOT RUN with the reason, and the others run', async () => {
  const blocks = [`${fence}console needs=tool:nosuch\n$ nosuch\n${fence}\n`];
  blocks.push(`${fence}console\n$ true\n${fence}\n`);
  expect((await run(`<!-- prose: blocks=2 -->\n\n${blocks.join('\n')}`)).slice(1)).toEqual([
    {
      name: 'nosuch',
      status: 'not-run',
      message: 'the tool nosuch is missing: install it',
    },
    { name: 'true', status: 'passed' },
  ]);
});

check("a command at root's prompt needs root", async () => {
  const unmet = (need: string): string => `no ${need}`;
  expect(await typed(['# id'], '', { unmet })).toMatchObject({
    status: 'not-run',
    message: 'no root',
  });
});

check(
  'a document with fewer blocks than it declares fails, and one that declares none',
  async () => {
    const [few] = await run('<!-- prose: blocks=2 -->\n\n```console\n$ true\n```\n');
    expect(few).toMatchObject({
      status: 'failed',
      message: 'README.md has 1 console blocks, and says that it has 2',
    });
    const [none] = await run('Text.\n');
    expect(none?.message).toContain('README.md says nowhere how many console blocks it has');
  },
);

const freezing = { needs: ['root', 'cgroup-v1:freezer'] } as const;

check('what a block leaves frozen is ended, and the cause is told', freezing, async context => {
  const group = `/sys/fs/cgroup/freezer/slipway-prose-${process.pid}`;
  context.hold({ [Symbol.asyncDispose]: async () => void (await removeControlGroup(group)) });
  const result = await typed([
    `$ mkdir -p ${group}/in; (sh -c 'echo $$ > ${group}/in/tasks; exec sleep 1000' &); sleep 0.5`,
    `$ echo FROZEN > ${group}/freezer.state; echo cold`,
    'warm',
  ]);
  expect(said(result)).toContain('cold');
  expect(readFileSync(`${group}/in/cgroup.procs`, 'utf8')).toBe('');
});
