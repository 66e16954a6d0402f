// A ground that outlives its daemons: folders, a network, and what can be seen of them outside.
//
// - `openGround(t)`: `.start(environment)` begins a daemon on it; all that is left ends with it
// - `.traces(daemon)`: everything on the host and the disk that the engine is answerable for
// - `request(engine, method, path, body)`: what the API answers
//
// Traces are lines that can be compared: what a daemon leaves that was killed, and the next one has
// not put in order, is a line that was not there before.

import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync, readFileSync, readlinkSync } from 'node:fs';
import { request as ask } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { CheckContext } from '@slipway/lab/check.ts';
import { startEngine, type TestEngine } from '../start/engine.fixture.ts';

export interface Ground extends AsyncDisposable {
  readonly folder: string;
  start(environment?: NodeJS.ProcessEnv, flags?: readonly string[]): Promise<TestEngine>;
  traces(): readonly string[];
  keepers(): readonly number[];
}

export async function openGround(t: CheckContext): Promise<Ground> {
  const folder = await t.scratch();
  const network = spawn('unshare', ['--net', 'sh', '-c', 'ip link set lo up; exec sleep 1000'], {
    stdio: 'ignore',
  });
  const pid = network.pid ?? 0;
  while (readlinkSync(`/proc/${pid}/ns/net`) === readlinkSync('/proc/self/ns/net')) {
    await new Promise(resolve => setTimeout(resolve, 5));
  }
  let daemon: TestEngine | undefined;
  const keepers = (): readonly number[] => keepersOf(join(folder, 'exec'));
  return {
    folder,
    start: async (environment = {}, flags = []) => {
      daemon = await startEngine(folder, flags, { network: pid, environment });
      return daemon;
    },
    keepers,
    traces: () => [
      ...files(folder),
      ...keepers().map(() => 'a keeper'),
      ...groupsOf(folder),
      ...inNetwork(pid, 'ip', '-o', 'link').map(line => `link ${line.split(': ')[1]}`),
      ...inNetwork(pid, 'nft', 'list', 'ruleset').map(line => `rule ${line.trim()}`),
      ...readFileSync('/proc/self/mountinfo', 'utf8')
        .split('\n')
        .filter(line => line.includes(folder))
        .map(line => `mount ${line}`),
    ],
    [Symbol.asyncDispose]: async () => {
      // One that was killed has left what the next one takes away.
      if (daemon?.isOver()) daemon = await startEngine(folder, [], { network: pid });
      await daemon?.[Symbol.asyncDispose]();
      for (const keeper of keepers()) process.kill(keeper, 'SIGKILL');
      network.kill('SIGKILL');
    },
  };
}

function files(folder: string): readonly string[] {
  const list = (place: string): readonly string[] => {
    const path = join(folder, place);
    return statSync(path, { throwIfNoEntry: false })?.isDirectory() ? readdirSync(path) : [];
  };
  const graph = list('data/graph').map(name => `data/graph/${name}`);
  const places = ['data', 'exec', 'data/containers', 'data/volumes', 'data/graph', ...graph];
  return places.flatMap(place =>
    list(place)
      // SQLite's own, whose coming and going is SQLite's.
      .filter(name => !/^slipway\.db|^lock|\.db-(wal|shm)$/.test(name))
      .map(name => `${place}/${name}`),
  );
}

/** By the folder that each has open. */
function keepersOf(execRoot: string): readonly number[] {
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .map(Number)
    .filter(pid => isKeeperIn(pid, execRoot));
}

function isKeeperIn(pid: number, execRoot: string): boolean {
  try {
    if (readFileSync(`/proc/${pid}/comm`, 'utf8') !== 'slipway-keeper\n') return false;
    const open = `/proc/${pid}/fd`;
    return readdirSync(open).some(fd => readlinkSync(join(open, fd)).startsWith(execRoot));
  } catch {
    return false;
  }
}

/** Of the containers of which a daemon has spoken here; others' are not ours to see. */
function groupsOf(folder: string): readonly string[] {
  const ids = new Set(readFileSync(join(folder, 'daemon.log'), 'utf8').match(/[0-9a-f]{64}/g));
  const top = '/sys/fs/cgroup';
  const homes = ['', ...readdirSync(top)].map(name => join(top, name, 'docker'));
  return homes.filter(existsSync).flatMap(home =>
    readdirSync(home)
      .filter(name => ids.has(name))
      .map(name => `group ${home}/${name}`),
  );
}

function inNetwork(pid: number, ...command: readonly string[]): readonly string[] {
  const args = [`--net=/proc/${pid}/ns/net`, ...command];
  const { stdout } = spawnSync('nsenter', args, { encoding: 'utf8' });
  return stdout.split('\n').filter(line => line !== '');
}

export interface ShownState {
  readonly Status: string;
  readonly Running: boolean;
  readonly Pid: number;
  readonly ExitCode: number;
}

export interface Answered {
  readonly status: number;
  readonly text: string;
  /** What of it the tests read; each knows what it has asked for. */
  readonly body: { readonly Id: string; readonly State: ShownState };
}

/** Rejects if the daemon goes away before it has answered. */
export async function request(
  { socket }: Pick<TestEngine, 'socket'>,
  method: string,
  path: string,
  body?: object | Buffer,
): Promise<Answered> {
  const { promise, resolve, reject } = Promise.withResolvers<Answered>();
  const isRaw = Buffer.isBuffer(body);
  const headers = { 'content-type': isRaw ? 'application/x-tar' : 'application/json' };
  const asked = ask({ socketPath: socket, method, path: `/v1.45${path}`, headers, agent: false });
  asked.on('error', reject);
  asked.on('response', response => {
    const status = response.statusCode ?? 0;
    const whole = text(response);
    resolve(whole.then(content => ({ status, text: content, body: parsed(content) })));
  });
  asked.end(isRaw || body === undefined ? body : JSON.stringify(body));
  return promise;
}

function parsed(content: string): Answered['body'] {
  try {
    return JSON.parse(content);
  } catch {
    return { Id: '', State: { Status: '', Running: false, Pid: 0, ExitCode: 0 } };
  }
}
