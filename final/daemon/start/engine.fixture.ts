// A daemon of its own for a test: everything in one folder, and a network namespace that ends with
// it.
//
// - `startEngine(folder, flags)`   serves on `folder/api.sock`; ends when disposed of
// - `runDaemon(args)`              one that is not expected to start: its status and words
// - `ask(engine, program, args)`   runs a client against it

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, rmdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const slipway = join(import.meta.dirname, '../../bin/slipway.ts');

export interface TestEngine extends AsyncDisposable {
  readonly socket: string;
  readonly pid: number;
  log(): string;
  /** Undefined for who was killed by a signal. */
  end(signal: NodeJS.Signals): Promise<number | undefined>;
  /** By which it has ended, once it has. */
  readonly ended: Promise<NodeJS.Signals | undefined>;
  isOver(): boolean;
}

/** Where it runs, if that outlives it; default: in a network namespace of its own. */
export interface EngineGround {
  /** A process in the network namespace. */
  readonly network?: number;
  readonly environment?: NodeJS.ProcessEnv;
}

export async function startEngine(
  folder: string,
  flags: readonly string[] = [],
  { network, environment = {} }: EngineGround = {},
): Promise<TestEngine> {
  const socket = join(folder, 'api.sock');
  const logFile = join(folder, 'daemon.log');
  const script = 'ip link set lo up; log=$1; shift; exec "$@" 2>>"$log"';
  const daemon = [
    process.execPath,
    slipway,
    'daemon',
    '-H',
    `unix://${socket}`,
    ...placesIn(folder),
  ];
  const [enter, where] =
    network === undefined ? ['unshare', '--net'] : ['nsenter', `--net=/proc/${network}/ns/net`];
  const args = [where, 'sh', '-c', script, 'sh', logFile, ...daemon, ...flags];
  const env = { ...process.env, ...environment };
  const child = spawn(enter, args, { stdio: 'ignore', env });
  const ended = once(child, 'exit');
  const before = existsSync(logFile) ? statSync(logFile).size : 0;
  const log = (): string =>
    existsSync(logFile) ? readFileSync(logFile, 'utf8').slice(before) : '';
  while (!log().includes('the daemon is ready')) {
    if (child.exitCode !== null || child.signalCode !== null) {
      throw new Error(`the daemon did not start:\n${log()}`);
    }
    await sleep(20);
  }
  const end = async (signal: NodeJS.Signals): Promise<number | undefined> => {
    child.kill(signal);
    await ended;
    return child.exitCode ?? undefined;
  };
  return {
    socket,
    pid: child.pid ?? 0,
    log,
    end,
    isOver: () => child.exitCode !== null || child.signalCode !== null,
    ended: ended.then(() => child.signalCode ?? undefined),
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode === null && child.signalCode === null) await end('SIGTERM');
      removeEmptyHomes();
    },
  };
}

/** The engine leaves the folder above its containers' groups, as Docker does; a test does not. */
function removeEmptyHomes(): void {
  const top = '/sys/fs/cgroup';
  for (const place of [top, ...readdirSync(top).map(name => join(top, name))]) {
    try {
      rmdirSync(join(place, 'docker'));
    } catch {
      // Not there, or another engine's containers are in it.
    }
  }
}

export function placesIn(folder: string): readonly string[] {
  return ['--data-root', join(folder, 'data'), '--exec-root', join(folder, 'exec')];
}

export interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** An emulated guest takes longer. */
const slow = Number(process.env['SLIPWAY_SLOW'] ?? 1);

export function runDaemon(args: readonly string[]): Outcome {
  const options = { encoding: 'utf8', timeout: 30_000 * slow } as const;
  return spawnSync(process.execPath, [slipway, 'daemon', ...args], options);
}

export function ask(
  { socket }: Pick<TestEngine, 'socket'>,
  program: 'docker' | 'slipway',
  args: readonly string[],
  input = '',
): Outcome {
  const host = `unix://${socket}`;
  const env = { ...process.env, DOCKER_HOST: host, SLIPWAY_HOST: host };
  const command = program === 'docker' ? ['docker'] : [process.execPath, slipway];
  const [first = '', ...rest] = [...command, ...args];
  return spawnSync(first, rest, { encoding: 'utf8', env, input, timeout: 60_000 * slow });
}
