// What the experiments have in common: this chapter's run.ts in the small world.
//
// - `run`: its words, as they are typed
// - `onHost(world)`: the words that run it on the world's host
// - `start(lab, world, options, application)`: a container that stays, and its pid
// - `whoServer(lab)`: the folder and the words of a server that says who has asked

import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findByCommandLine } from '@slipway/lab/checkpoint.ts';
import type { Lab } from '@slipway/lab';
import { socketsIn } from '../../ports/holders.ts';
import type { World } from '../../world/world.ts';

/** As it is typed from the folder that the lab runs in. */
export const run: readonly string[] = [
  'npx',
  'tsx',
  relative(process.cwd(), `${import.meta.dirname}/../../run.ts`) || 'run.ts',
];

/** Its own books, wherever the reader keeps theirs. */
export function onHost({ host }: World): readonly string[] {
  return [...host.enter, ...run];
}

export interface Container extends AsyncDisposable {
  /** Of its application, as the machine numbers it. */
  readonly pid: number;
}

/** @throws Error if it does not start */
export async function start(
  lab: Lab,
  world: World,
  options: readonly string[],
  application: readonly string[] = ['busybox', 'sleep', unique()],
  serves?: Service,
): Promise<Container> {
  const words = [...onHost(world), ...options, '--', ...application];
  lab.say(`In the background:\n    ${[...run, ...options].join(' ')} -- …`);
  const child = spawn(words[0] ?? '', words.slice(1), {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  const ended = new Promise<void>(resolve => {
    child.once('exit', () => resolve());
  });
  const pid = await waitFor(() => {
    if (child.exitCode !== null) throw new Error(`it did not start: ${said.trim()}`);
    return findByCommandLine(application);
  });
  if (serves) await isServed(pid, serves);
  const container = {
    pid,
    [Symbol.asyncDispose]: async () => {
      killIfThere(pid);
      await ended;
    },
  };
  return lab.hold(container);
}

/** A port, and the table in /proc/net that shows it. */
export interface Service {
  readonly table: 'tcp6' | 'udp';
  readonly port: number;
}

/** Resolves when somebody in the network of `pid` has this port. */
export async function isServed(pid: number, { table, port }: Service): Promise<void> {
  await waitFor(() => {
    const text = readFileSync(`/proc/${pid}/net/${table}`, 'utf8');
    return socketsIn(text).find(socket => socket.port === port);
  });
}

/** A number for sleep(1) that no other command line holds. */
function unique(): string {
  return String(100_000 + Math.floor(Math.random() * 1e9));
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // it has ended by itself
  }
}

/** What `look` finds, looked for until it is there. @throws Error after a minute */
export async function waitFor<T>(look: () => T | undefined): Promise<T> {
  for (let tries = 0; tries < 3000; tries += 1) {
    const found = look();
    if (found !== undefined) return found;
    await sleep(20);
  }
  throw new Error('what was waited for did not come');
}

/** A web server that answers with the address of who asks: `/cgi-bin/who`. */
export async function whoServer(lab: Lab): Promise<readonly string[]> {
  const folder = await lab.scratch();
  mkdirSync(`${folder}/cgi-bin`);
  const script = `${folder}/cgi-bin/who`;
  const text =
    '#!/bin/sh\necho; echo "you are $REMOTE_ADDR" | sed s/::ffff:// | tr -d "[]"\n';
  writeFileSync(script, text);
  chmodSync(script, 0o755);
  return ['busybox', 'httpd', '-f', '-p', '[::]:80', '-h', folder];
}

/** The last line of what a command has printed. */
export function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}
