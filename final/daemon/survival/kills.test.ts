/** Kills at moments that nobody has chosen, while docker clients are at work. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { check } from '@slipway/lab/check.ts';
import { expect } from 'vitest';
import type { TestEngine } from '../start/engine.fixture.ts';
import { openGround, request, type Ground, type ShownState } from './ground.fixture.ts';

const needs = ['root', 'native', 'overlay', 'nftables', 'tool:nft', 'tool:docker'] as const;

/** Longer by hand, to look for what is rare. */
const trafficMs = Number(process.env['KILLS_MS'] ?? 10_000);

interface Said {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** No command may take for ever, whatever happens to the daemon. */
async function docker(folder: string, ...args: readonly string[]): Promise<Said> {
  const env = { ...process.env, DOCKER_HOST: `unix://${folder}/api.sock` };
  const child = spawn('docker', args, { env, timeout: 45_000, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = once(child, 'close');
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  await ended;
  if (child.signalCode !== null) throw new Error(`docker ${args.join(' ')} did not end: ${stderr}`);
  return { status: child.exitCode, stdout, stderr };
}

type Work = (folder: string, name: string) => Promise<void>;

/** What says that it has been done has been done. */
const works: readonly Work[] = [
  async folder => {
    const said = await docker(folder, 'run', '--rm', 'busybox', 'echo', 'hello');
    if (said.status === 0) expect(said.stdout).toBe('hello\n');
  },
  async folder => {
    const how = ['run', '--rm', '--network', 'none', 'busybox', 'sh', '-c', 'exit 7'];
    const { status, stderr } = await docker(folder, ...how);
    if (![1, 7, 125].includes(status ?? -1)) throw new Error(`${status}: ${stderr}`);
  },
  async (folder, name) => {
    await docker(folder, 'run', '-d', '-p', '80', '--name', name, 'busybox', 'sleep', '1000');
    const said = await docker(folder, 'exec', name, 'echo', 'inside');
    if (said.status === 0) expect(said.stdout).toBe('inside\n');
    await docker(folder, 'rm', '-f', name);
  },
  async (folder, name) => {
    await docker(folder, 'run', '-d', '-v', '/data', '--name', name, 'busybox', 'sleep', '0.2');
    await docker(folder, 'restart', '-t', '0', name);
    await docker(folder, 'kill', name);
    await docker(folder, 'rm', '-v', name);
  },
];

const anyOf = <T>(list: readonly T[]): T | undefined =>
  list[Math.trunc(Math.random() * list.length)];

async function traffic(folder: string, worker: number, until: number): Promise<void> {
  for (let round = 0; performance.now() < until; round += 1) {
    await anyOf(works)?.(folder, `w${worker}-${round}`);
  }
}

/** It may have ended since it was seen. */
function killKeeper(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

async function killing(ground: Ground, first: TestEngine, until: number): Promise<TestEngine> {
  let daemon = first;
  while (performance.now() < until) {
    await sleep(Math.random() * 1500);
    const keeper = anyOf(ground.keepers());
    if (keeper !== undefined && Math.random() < 0.5) killKeeper(keeper);
    if (Math.random() < 0.3) continue;
    await daemon.end('SIGKILL');
    daemon = await ground.start();
  }
  return daemon;
}

async function containersOf(daemon: TestEngine): Promise<readonly string[]> {
  const { text: list } = await request(daemon, 'GET', '/containers/json?all=1');
  return (JSON.parse(list) as readonly { readonly Id: string }[]).map(({ Id }) => Id);
}

async function stateOf(daemon: TestEngine, id: string): Promise<ShownState> {
  return (await request(daemon, 'GET', `/containers/${id}/json`)).body.State;
}

/** A keeper may have been killed a moment ago. */
async function expectTruth(daemon: TestEngine): Promise<void> {
  for (const id of await containersOf(daemon)) {
    const isTrue = async (): Promise<boolean> => {
      const { Running, Pid } = await stateOf(daemon, id);
      return existsSync(`/proc/${Pid}/root/bin`) === Running;
    };
    await expect.poll(isTrue, { timeout: 5000 }).toBe(true);
  }
}

const isCable = (trace: string): boolean => trace.startsWith('link veth');

async function removeAll(daemon: TestEngine): Promise<void> {
  for (const id of await containersOf(daemon)) {
    const { status, text: said } = await request(daemon, 'DELETE', `/containers/${id}?force=1&v=1`);
    if (status !== 204 && status !== 404) throw new Error(`${id} was not removed: ${said}`);
  }
}

check(
  'kills under load leave a state that is true, and nothing that nobody explains',
  { needs, timeoutMs: 240_000 + trafficMs },
  async t => {
    await using ground = await openGround(t);
    let daemon = await ground.start();
    // The bridge's rules stand from the first container on.
    await docker(ground.folder, 'run', '--rm', '-v', '/data', '-p', '80', 'busybox', 'true');
    // The kernel takes its cable down some time after its end.
    await expect.poll(() => ground.traces().filter(isCable), { timeout: 10_000 }).toEqual([]);
    const before = ground.traces();
    const until = performance.now() + trafficMs;
    const [last] = await Promise.all([
      killing(ground, daemon, until),
      ...[1, 2, 3].map(worker => traffic(ground.folder, worker, until)),
    ]);
    daemon = last;
    await expectTruth(daemon);
    await removeAll(daemon);
    await expect.poll(() => ground.traces(), { timeout: 10_000 }).toEqual(before);
  },
);

check('after a power cut the next daemon is clean', { needs, timeoutMs: 120_000 }, async t => {
  await using ground = await openGround(t);
  const first = await ground.start();
  await docker(ground.folder, 'run', '--rm', '-p', '80', 'busybox', 'true');
  const before = ground.traces();
  for (const name of ['one', 'two']) {
    await docker(ground.folder, 'run', '-d', '-p', '80', '--name', name, 'busybox', 'sleep', '999');
  }
  await docker(ground.folder, 'run', '-d', '--rm', 'busybox', 'sleep', '999');
  await first.end('SIGKILL');
  for (const keeper of ground.keepers()) killKeeper(keeper);
  const daemon = await ground.start();
  const states = await Promise.all(['one', 'two'].map(name => stateOf(daemon, name)));
  expect(states.map(({ Status, Pid, ExitCode }) => [Status, Pid, ExitCode])).toEqual([
    ['exited', 0, 255],
    ['exited', 0, 255],
  ]);
  expect(await containersOf(daemon)).toHaveLength(2);
  expect(ground.traces().filter(one => /^(a keeper|group|link|rule)/.test(one))).toEqual(
    before.filter(one => /^(a keeper|group|link|rule)/.test(one)),
  );
  await removeAll(daemon);
  expect(ground.traces()).toEqual(before);
});
