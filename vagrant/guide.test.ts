/**
 * The guide as a learner meets it, at a real terminal: the page, a key for a hint that fits, a
 * tick when the effect appears, leaving, going on where one was, and putting everything back.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { check, type CheckContext } from '@slipway/lab/check.ts';
import { openTerminal } from '@slipway/lab/prose/terminal.ts';
import { expect } from 'vitest';
import { readProgress } from './guide/progress.ts';
import { filled } from './guide/unit.ts';
import { inodeAndDentry } from './units/05-volumes/inode-and-dentry/unit.ts';

const root = join(import.meta.dirname, '..');
const slow = Number(process.env['SLIPWAY_SLOW'] ?? 1);
const path = `${join(root, 'node_modules/.bin')}:${process.env['PATH']}`;
const unit = '05-volumes/inode-and-dentry';

type Terminal = Awaited<ReturnType<typeof openTerminal>>;

const terminal = async (context: CheckContext): Promise<Terminal> =>
  context.hold(await openTerminal(root, path));

/** Presses keys until the page holds the words; the guide redraws only what has changed. */
async function shows(guide: Terminal, keys: string, words: string): Promise<string> {
  let shown = '';
  const deadline = performance.now() + 40_000 * slow;
  for (let press = keys; !shown.includes(words); press = '') {
    expect([words, shown, performance.now() < deadline]).toEqual([words, shown, true]);
    const { output } = await guide.type(press, [], 1000);
    shown += output.replaceAll(/\s+/g, ' ');
  }
  return shown;
}

check(
  'the guide ticks what is done, gives hints, and goes on',
  { needs: ['root'] },
  async context => {
    const folder = await context.scratch();
    const start = (language: string): string =>
      `LAB_PANE=1 LAB_LANG=${language} LAB_PROGRESS=${folder}/progress.json tsx vagrant/guide.ts`;
    const [guide, shell] = [await terminal(context), await terminal(context)];
    const place = join(folder, 'inode-and-dentry');

    await shows(guide, `${start('en')} guide ${unit}`, 'What a mount replaces');
    await shows(guide, 'h', 'still leads to its own inode');
    await shell.type(`mount --bind ${place}/home ${place}/test`, [], 5000);
    await shows(guide, '', '✓');
    await shows(guide, 'h', 'yet.');
    await shows(guide, 's', 'touch ');
    await shows(guide, 'r', 'begin anew?');
    await guide.type('q', [], 3000 * slow);

    expect(readFileSync(join(folder, 'progress.json'), 'utf8')).toContain(
      '"ticked": [\n      "covered"',
    );
    await shows(guide, `${start('zh')} guide`, '挂载替换了什么 ✓');
    await guide.type('q', [], 3000 * slow);
    const { output } = await guide.type(
      `${start('en').replace('LAB_PANE=1 ', '')} guide 06-network/bridge`,
      [],
      20_000 * slow,
    );
    expect(output).toContain(
      `${unit} is under way: finish it, or put it back with lab guide --drop`,
    );
    await shows(guide, `${start('en')} guide`, '✓');
    const dropped = await shell.type(`${start('en')} guide --drop`, [], 20_000 * slow);
    expect(dropped.output).toContain('The machine is as it was before.');
    await guide.type('', [], 2000 * slow);
    await shows(guide, 'echo the guide has left', 'has left');
    expect(readProgress(`${folder}/progress.json`)).toEqual({ finished: {} });
  },
);

const finishing = 'a finished unit is put back, remembered, and left for the next';

check(finishing, { needs: ['root'] }, async context => {
  const folder = await context.scratch();
  const file = join(folder, 'progress.json');
  const lab = `LAB_PANE=1 LAB_LANG=en LAB_PROGRESS=${file} tsx vagrant/guide.ts`;
  const [guide, shell] = [await terminal(context), await terminal(context)];
  await shows(guide, `${lab} guide ${unit}`, 'What a mount replaces');
  const { words } = readProgress(file).attempt ?? { words: {} };
  for (const task of inodeAndDentry.tasks) {
    for (const line of task.solve) await shell.type(filled(line, words), [], 5000);
    const ticked = (): boolean => readProgress(file).attempt?.ticked.includes(task.id) ?? true;
    await expect.poll(ticked, { timeout: 30_000 * slow }).toBe(true);
  }
  // What `shows` types ends with Enter, and that goes on.
  await shows(guide, '', `${unit} The machine is as it was before. h hint`);
  await shows(guide, 'q', ' ');
  await guide.type(`${lab} guide --drop`, [], 20_000 * slow);
  expect(Object.keys(readProgress(file).finished)).toEqual([unit]);
});

check(
  'a unit that does not exist is named, with those that do',
  { needs: ['root'] },
  async context => {
    const folder = await context.scratch();
    const shell = await terminal(context);
    const lab = `LAB_LANG=en LAB_PROGRESS=${folder}/progress.json tsx vagrant/guide.ts`;
    const { output } = await shell.type(`${lab} guide no-such-unit`, [], 20_000 * slow);
    expect(output).toContain('there is no unit "no-such-unit"; there are:');
    expect(output).toContain('13  06-network/published-port');
  },
);

const covering = 'another /proc over that of the machine is seen for what it is, and taken away';

check(covering, { needs: ['root', 'tool:unshare'] }, async context => {
  const folder = await context.scratch();
  const script = [
    'lab() { LAB_LANG=en tsx vagrant/guide.ts "$@" < /dev/null; }',
    'lab guide two-processes',
    'unshare --pid --fork mount -t proc proc /proc',
    'lab hint; lab guide --drop; ls -d /proc/$$/ns',
  ];
  // A machine of its own, as far as mounts go: others need its /proc.
  const words = ['--mount', '--propagation', 'private', 'bash', '-c', script.join('\n')];
  const env = { ...process.env, PATH: path, LAB_PROGRESS: `${folder}/progress.json` };
  const { stdout } = spawnSync('unshare', words, { cwd: root, env, encoding: 'utf8' });
  expect(stdout).toMatch(
    /Another \/proc is mounted over that of[^]*The machine is as it was before\.\n\/proc\/\d+\/ns\n$/,
  );
});
