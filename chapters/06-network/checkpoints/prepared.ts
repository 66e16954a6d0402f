// What the checkpoints of this chapter start from: the small world, and who lives in
// it.
//
// - `inWorld(examine)`: an examination of a subject that stands on the world's host
// - `startOn(subject, options)`: a container that stays, and its application's pid
// - `inside(pid, …words)`, `at(place, …words)`: what a command says there
//
// A subject that refuses to start is a mistake, too: the message says which.

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { findLink, type Link } from '../links/link.ts';
import {
  diagnose,
  namespaceOf,
  NeverStarted,
  startSubject,
  type RunningSubject,
  type Subject,
} from '@slipway/lab/checkpoint.ts';
import { openNetwork } from '../network/endpoint.ts';
import { makeWorld, type Place, type World } from '../world/world.ts';

/** How long a runner may take to clear up. */
const patienceMs = 10_000;

export function inWorld(
  examine: (subject: Subject, world: World) => Promise<void>,
): (subject: Subject) => Promise<void> {
  return async subject => {
    await using world = await makeWorld();
    const command = [...world.host.enter, ...subject.command];
    await examine({ ...subject, command }, world);
  };
}

/** @throws the diagnosis `mistake` if it does not start, with what it said */
export async function startOn(
  subject: Subject,
  options: readonly string[],
  mistake: string,
): Promise<RunningSubject> {
  try {
    return await inItsOwn(endingWell(await startSubject(subject, options)));
  } catch (error) {
    if (!(error instanceof NeverStarted)) throw error;
    diagnose(mistake, error.message);
  }
}

/** Whoever is in the host's network reaches everything, and shows nothing. */
async function inItsOwn(running: RunningSubject): Promise<RunningSubject> {
  const { application, pid } = running;
  if (namespaceOf(application, 'net') !== namespaceOf(pid, 'net')) return running;
  await running[Symbol.asyncDispose]();
  diagnose(
    'host-network',
    'the application is in the network of the host\n' +
      'a namespace stands and is connected: let its program join that one first.',
  );
}

/** Killed itself, it could give nothing back: its application is, and it follows. */
function endingWell(running: RunningSubject): RunningSubject {
  return {
    ...running,
    [Symbol.asyncDispose]: async () => {
      try {
        process.kill(running.application, 'SIGKILL');
      } catch {
        // it has ended by itself
      }
      await Promise.race([
        running.ended(),
        sleep(patienceMs, undefined, { ref: false }),
      ]);
      await running[Symbol.asyncDispose]();
    },
  };
}

/** A link in the network of `pid`, as the kernel lists it. */
export function linkIn(pid: number, name: string): Link | undefined {
  using network = openNetwork(pid);
  return findLink(network.route, name);
}

export function inside(pid: number, ...words: readonly string[]): string {
  return say(['nsenter', '--target', String(pid), '--net', ...words]);
}

export function at({ enter }: Place, ...words: readonly string[]): string {
  return say([...enter, ...words]);
}

/** A web server in the network of `pid`. */
export async function serve(
  pid: number,
  port: number,
  folder: string,
): Promise<AsyncDisposable> {
  const httpd = ['busybox', 'httpd', '-f', '-p', `[::]:${port}`, '-h', folder];
  const child = spawn('nsenter', ['--target', String(pid), '--net', ...httpd]);
  const ended = once(child, 'exit');
  for (let tries = 0; tries < 200; tries += 1) {
    if (inside(pid, 'ss', '-Hltn', `sport = :${port}`) !== '') break;
    await sleep(20);
  }
  return {
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

function say([program = '', ...words]: readonly string[]): string {
  const { stdout } = spawnSync(program, words, { encoding: 'utf8', timeout: 30_000 });
  return stdout.trim();
}
