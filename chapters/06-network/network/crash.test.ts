/** A runner that is killed leaves nothing that the next one does not take away. */
import { execFileSync, spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import { expect } from 'vitest';
import { check } from '@slipway/lab/check.ts';
import { undoAll } from '@slipway/lab';
import { readProcess, type ProcessIdentity } from '@slipway/lab/proc/processes.ts';
import { findByCommandLine, ourSubject } from '@slipway/lab/checkpoint.ts';
import { waitFor } from '../experiments/apparatus/places.ts';
import { startWorkers } from '../experiments/apparatus/workers.ts';
import { makeWorld, type Place, type World } from '../world/world.ts';

const run = ourSubject(`${import.meta.dirname}/../run.ts`).command;
const needs = ['root', 'native', 'nftables', 'tool:ip', 'tool:busybox'] as const;

function on(place: Place, ...words: readonly string[]): string {
  const [program = '', ...rest] = [...place.enter, ...words];
  return execFileSync(program, rest, { encoding: 'utf8', cwd: import.meta.dirname });
}

/** What a network of ours changes on its host. */
function traces({ host }: World): string {
  const links = on(host, 'ip', '-br', 'link').match(/slipway\S*|veth\S*/g) ?? [];
  const forward = on(host, 'cat', '/proc/sys/net/ipv4/ip_forward').trim();
  const forward6 = on(host, 'cat', '/proc/sys/net/ipv6/conf/all/forwarding').trim();
  const rules = on(host, 'nft', 'list', 'ruleset').trim();
  return [...links, forward, forward6, rules].join(' ').trim();
}

check(
  'after kill -9 the next one finds the host as it was',
  { needs },
  async ({ hold }) => {
    const world = hold(await makeWorld());
    const before = traces(world);
    const sleep = ['busybox', 'sleep', String(100_000 + process.pid)];
    const options = ['--network', 'bridge', '-p', '8080:80', '--'];
    const [program = '', ...words] = [
      ...world.host.enter,
      ...run,
      ...options,
      ...sleep,
    ];
    const child = spawn(program, words, { stdio: 'ignore', cwd: import.meta.dirname });
    await waitFor(() => findByCommandLine(sleep));
    expect(traces(world)).toContain('tcp . 8080');
    const owner = readProcess(child.pid ?? 0);
    child.kill('SIGKILL');
    await once(child, 'exit');
    await waitFor(() => (findByCommandLine(sleep) === undefined ? true : undefined));
    on(world.host, ...run, '--network', 'bridge', '-p', '8080:80', '--', 'true');
    expect(traces(world)).toBe(before);
    // The control group of the killed one is chapter 02's to sweep.
    if (owner) await undoAll({ owner });
  },
);

type Worker = ChildProcessByStdio<Writable, Readable, null>;

interface Killed {
  readonly identity: ProcessIdentity | undefined;
  /** How long it lived, in ms. */
  readonly took: number;
}

/** One worker that is killed then. */
async function killedWhen(
  { host }: World,
  then: (child: Worker) => Promise<unknown>,
): Promise<Killed> {
  const script = `${import.meta.dirname}/../experiments/apparatus/lease-worker.ts`;
  const [program, ...words] = [...host.enter, ...ourSubject(script).command, 'x'];
  const started = performance.now();
  const child = spawn(program, words, { stdio: ['pipe', 'pipe', 'ignore'] });
  await then(child);
  const took = performance.now() - started;
  const identity = readProcess(child.pid ?? 0);
  child.kill('SIGKILL');
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  return { identity, took };
}

check(
  'twenty killed in the middle of their start leave nothing',
  { needs },
  async ({ hold }) => {
    const world = hold(await makeWorld());
    const before = traces(world);
    const first = await killedWhen(world, child => once(child.stdout, 'data'));
    const killed = [first];
    for (let round = 0; round < 20; round += 1) {
      // Spread over what a start takes: some die before, some in, some behind it.
      const part = first.took * (0.45 + round / 30);
      killed.push(await killedWhen(world, () => wait(part)));
    }
    on(world.host, ...run, 'network', 'reconcile');
    expect(traces(world)).toBe(before);
    // Older kernels: the folder of each one's files stands in the ledger.
    for (const { identity } of killed) {
      if (identity) await undoAll({ owner: identity });
    }
  },
);

check('fifty at once get fifty addresses', { needs }, async ({ hold }) => {
  const world = hold(await makeWorld());
  const workers = await startWorkers({ hold }, world, 50, 'many');
  expect(new Set(workers.map(({ address }) => address)).size).toBe(50);
});
