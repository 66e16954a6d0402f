import { readFileSync } from 'node:fs';
import { check } from '@slipway/lab/check.ts';
import { expect } from 'vitest';
import { ask, startEngine, type TestEngine } from '../../start/engine.fixture.ts';

const needs = ['root', 'native', 'overlay'] as const;

const say = (engine: TestEngine, ...args: readonly string[]): string =>
  ask(engine, 'slipway', args).stdout.trim();
const run = (engine: TestEngine, name: string, ...rest: readonly string[]): string =>
  say(engine, 'run', '-d', '--network', 'none', '--name', name, ...rest);
const shown = (engine: TestEngine, name: string, field: string): string =>
  say(engine, 'inspect', '-f', `{{.State.${field}}}`, name);

check(
  'a daemon that was killed finds its containers as they are, with their logs and exit codes',
  { needs, timeoutMs: 60_000 },
  async t => {
    const folder = await t.scratch();
    const first = await startEngine(folder);
    const counting = 'i=0; while :; do i=$((i+1)); echo $i; sleep 0.02; done';
    run(first, 'live', 'busybox', 'sh', '-c', counting);
    run(first, 'ends', 'busybox', 'sh', '-c', 'sleep 1; exit 7');
    run(first, 'still', 'busybox', 'sleep', '100');
    say(first, 'pause', 'still');
    const pid = shown(first, 'live', 'Pid');
    await first.end('SIGKILL');
    await new Promise(resolve => setTimeout(resolve, 1500));
    await using again = await startEngine(folder);
    expect(shown(again, 'live', 'Pid')).toBe(pid);
    expect(shown(again, 'still', 'Status')).toBe('paused');
    expect(shown(again, 'ends', 'ExitCode')).toBe('7');
    const lines = say(again, 'logs', 'live').split('\n');
    expect(lines).toEqual(lines.map((_, index) => String(index + 1)));
    expect(say(again, 'exec', 'live', 'echo', 'inside')).toBe('inside');
    say(again, 'rm', '-f', 'live', 'ends', 'still');
    expect(say(again, 'ps', '-aq')).toBe('');
  },
);

check('what is mounted in the place of a volume outlives the daemon', { needs }, async t => {
  const folder = await t.scratch();
  const first = await startEngine(folder);
  say(first, 'volume', 'create', '-o', 'type=tmpfs', '-o', 'device=tmpfs', 'memory');
  run(first, 'has', '-v', 'memory:/memory', 'busybox', 'sleep', '100');
  say(first, 'exec', 'has', 'touch', '/memory/kept');
  await first.end('SIGKILL');
  await using again = await startEngine(folder);
  const look = [
    'run',
    '--rm',
    '--network',
    'none',
    '-v',
    'memory:/other',
    'busybox',
    'ls',
  ] as const;
  expect(say(again, ...look, '/other')).toBe('kept');
  say(again, 'rm', '-f', 'has');
  expect(say(again, ...look, '/other')).toBe('');
});

check('a container whose keeper was killed is dead, and can be removed', { needs }, async t => {
  await using engine = await startEngine(await t.scratch());
  run(engine, 'orphan', 'busybox', 'sleep', '100');
  const status = readFileSync(`/proc/${shown(engine, 'orphan', 'Pid')}/status`, 'utf8');
  const [, keeper = ''] = /^PPid:\s+(\d+)$/m.exec(status) ?? [];
  process.kill(Number(keeper), 'SIGKILL');
  await expect.poll(() => shown(engine, 'orphan', 'Status'), { timeout: 10_000 }).toBe('dead');
  expect(shown(engine, 'orphan', 'ExitCode')).toBe('137');
  expect(say(engine, 'rm', 'orphan')).toBe('orphan');
});
