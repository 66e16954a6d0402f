/**
 * The promise of the ledger: after `kill -9` in the middle of everything, the host is as it was.
 */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { check } from './check.ts';
import { changesSince, sentence, snapshot } from './guard.ts';
import { mountThing, readLedger, record, settle, undoAll, type Thing } from './ledger.ts';
import { undo } from './ledger/undo.ts';
import { controllerWorld } from './requires/cgroups.ts';

const everything = ['root', 'nftables', 'loop', 'cgroup:pids', 'tool:ip', 'tool:losetup'] as const;

/** Starts the program that leaves everything, waits until it has, and kills it. */
async function killedInTheMiddle(folder: string, state: string): Promise<void> {
  const program = join(import.meta.dirname, 'ledger/leaves-everything.ts');
  const root = controllerWorld('pids')?.mountPoint ?? '';
  const child = spawn(process.execPath, ['--import', 'tsx', program, folder, root], {
    env: { ...process.env, SLIPWAY_STATE: state },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  await killed(child);
}

async function killed(child: ChildProcess): Promise<void> {
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  await exit;
}

check(
  'what a killed program left behind is undone, newest first, and the host is equal',
  { needs: everything },
  async ({ scratch }) => {
    const [folder, state] = [await scratch(), await scratch()];
    const path = join(state, 'ledger.jsonl');
    const before = await snapshot();
    await killedInTheMiddle(folder, state);

    const kinds = new Set((await changesSince(before, { patienceMs: 0 })).map(d => d.kind));
    expect([...kinds].toSorted()).toEqual(
      ['cgroup', 'firewall', 'link', 'loop', 'mount', 'netns', 'process', 'sysctl'].toSorted(),
    );
    const dry: string[] = [];
    expect(await undoAll({ path, dryRun: true, report: line => dry.push(line) })).toMatchObject({
      undone: 10,
      absent: 1,
    });
    expect(readLedger(path).open).toHaveLength(11);

    const lines: string[] = [];
    const summary = await undoAll({ path, report: line => lines.push(line) });
    expect(summary).toMatchObject({ undone: 10, absent: 1, kept: 0, failures: [] });
    expect(lines[0]).toMatch(/^absent {6}directory .*\/never-made \(process \d+, /);
    expect(lines.at(-1)).toMatch(/^undone {6}directory .*\/directory \(process \d+, /);
    expect(dry.map(line => line.replace('would undo ', 'undone     '))).toEqual(lines);
    expect((await changesSince(before)).map(sentence)).toEqual([]);
    expect(existsSync(join(folder, 'file'))).toBe(false);

    expect(await undoAll({ path })).toMatchObject({ undone: 0, absent: 0, failures: [] });
  },
);

check(
  'what a living owner holds is kept, unless everything is asked for',
  { needs: ['root'] },
  async ({ scratch }) => {
    const [folder, state] = [await scratch(), await scratch()];
    const path = join(state, 'ledger.jsonl');
    const target = join(folder, 'mine');
    record({ kind: 'directory', target }, path);
    mkdirSync(target);
    const lines: string[] = [];
    expect(await undoAll({ path, report: line => lines.push(line) })).toMatchObject({ kept: 1 });
    expect(lines[0]).toMatch(/^kept {8}directory .*\/mine .* \(its owner is running\)$/);
    expect(existsSync(target)).toBe(true);
    expect(await undoAll({ path, all: true })).toMatchObject({ undone: 1, kept: 0 });
    expect(existsSync(target)).toBe(false);
  },
);

check('a last line that was cut short is named, and the rest is undone', async ({ scratch }) => {
  const [folder, state] = [await scratch(), await scratch()];
  const path = join(state, 'ledger.jsonl');
  const [first, second] = [join(folder, 'first'), join(folder, 'second')];
  record({ kind: 'directory', target: first }, path);
  mkdirSync(first);
  appendFileSync(path, '{"id":"3f","thing":{"kind":"direc');
  record({ kind: 'directory', target: second }, path);
  mkdirSync(second);
  const lines: string[] = [];
  const summary = await undoAll({ path, all: true, report: line => lines.push(line) });
  expect(summary).toMatchObject({ undone: 2, failures: [] });
  expect(lines[0]).toBe(`unreadable  ${path}:2: not an entry, cut short?`);
});

check('what a process records while it is being ended is undone too', async context => {
  const [folder, state] = [await context.scratch(), await context.scratch()];
  const path = join(state, 'ledger.jsonl');
  const mark = `ledger-test-${process.pid}`;
  record({ kind: 'marked-processes', target: `SLIPWAY_TEST=${mark}` }, path);
  const program = join(import.meta.dirname, 'ledger/writes-on.ts');
  const child = spawn(process.execPath, ['--import', 'tsx', program, folder], {
    env: { ...process.env, SLIPWAY_STATE: state, SLIPWAY_TEST: mark },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  const summary = await undoAll({ path, all: true });
  expect(summary).toMatchObject({ kept: 0, failures: [] });
  expect(readdirSync(folder)).toEqual([]);
});

check(
  'removing a folder follows no link and stops at a mount',
  { needs: ['root'] },
  async context => {
    const [folder, outside] = [await context.scratch(), await context.scratch()];
    const canary = join(outside, 'canary');
    writeFileSync(canary, 'sings');
    const target = join(folder, 'tree');
    const thing: Thing = { kind: 'directory', target };
    mkdirSync(join(target, 'bound'), { recursive: true });
    symlinkSync(outside, join(target, 'link'));
    symlinkSync('/', join(target, 'root'));
    // The same file system, bound inside: only unmounting first keeps its files.
    const bound = mountThing(join(target, 'bound'));
    execFileSync('mount', ['--bind', outside, bound.target]);
    expect(await undo(thing)).toBe('done');
    expect(existsSync(target)).toBe(false);
    expect(readFileSync(canary, 'utf8')).toBe('sings');
    expect(await undo(thing)).toBe('absent');
  },
);

check('a recorded path that leads elsewhere by now is left alone', async ({ scratch }) => {
  const [folder, outside] = [await scratch(), await scratch()];
  const state = join(await scratch(), 'ledger.jsonl');
  writeFileSync(join(outside, 'target'), 'not ours');
  mkdirSync(join(folder, 'sub'));
  record({ kind: 'file', target: join(folder, 'sub/target') }, state);
  rmdirSync(join(folder, 'sub'));
  symlinkSync(outside, join(folder, 'sub'));
  const summary = await undoAll({ path: state, all: true });
  expect(summary.failures).toEqual([
    `file ${folder}/sub/target: ${folder}/sub/target is left alone: ${folder}/sub leads through ` +
      'a symbolic link: record the real path',
  ]);
  expect(readFileSync(join(outside, 'target'), 'utf8')).toBe('not ours');
  expect(readLedger(state).open).toHaveLength(1);
});

check('only a mount that was made after the record is unmounted', { needs: ['root'] }, async c => {
  const [folder, state] = [await c.scratch(), join(await c.scratch(), 'ledger.jsonl')];
  execFileSync('mount', ['-t', 'tmpfs', 'not-ours', folder]);
  const id = record(mountThing(folder), state);
  expect(await undoAll({ path: state, all: true })).toMatchObject({ absent: 1, undone: 0 });
  settle(id, state);
  execFileSync('umount', [folder]);
});

const refused: readonly (readonly [string, Thing, RegExp])[] = [
  ['what exists already', { kind: 'directory', target: '/var/tmp' }, /not ours to undo/],
  ['a folder near the root', { kind: 'directory', target: '/slipway' }, /too near to the root/],
  ['a path with dots', { kind: 'file', target: '/tmp/a/../../etc/x' }, /not an absolute, plain/],
  ['a relative path', { kind: 'file', target: 'a/b' }, /not an absolute, plain/],
  ['the loopback link', { kind: 'link', target: 'lo' }, /not ours to undo/],
  ['an option as a name', { kind: 'netns', target: '--all' }, /not a plain name/],
  ['process 1', { kind: 'process', target: '1', started: 0 }, /not a pid/],
  ['a mark of others', { kind: 'marked-processes', target: 'PATH=/bin' }, /mark of ours/],
  ['all tables', { kind: 'nft-table', target: 'ruleset' }, /family and name/],
];

for (const [what, thing, why] of refused)
  check(`the ledger refuses to record ${what}`, async ({ scratch }) => {
    const path = join(await scratch(), 'ledger.jsonl');
    expect(() => record(thing, path)).toThrow(why);
    expect(readLedger(path).open).toEqual([]);
  });

check('a state folder that others can write is refused', async ({ scratch }) => {
  const state = join(await scratch(), 'state');
  mkdirSync(state);
  chmodSync(state, 0o777);
  const path = join(state, 'ledger.jsonl');
  expect(() => record({ kind: 'directory', target: '/tmp/slipway-x' }, path)).toThrow(
    /not a folder that only this user can write/,
  );
});
