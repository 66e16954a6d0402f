// The open ends of the daemon: its servers, one for each `-H`.
//
// - `listen(options)`   all of them, or none and an error that names the one
// - `.close()`          no new connections; the sockets' files go
//
// A unix socket is made beside its place, gets its mode and group, and is then renamed onto it:
// nobody can connect before he may not, and a stale file of a killed daemon is replaced in one
// step. One at which somebody answers is left alone.

import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { connect, type ListenOptions } from 'node:net';
import { dirname } from 'node:path';
import type { ApiServer } from '../../api/http/server.ts';
import { WrongSetting } from './command-line.ts';
import type { Host } from './hosts.ts';

export interface ListenerOptions {
  readonly hosts: readonly Host[];
  /** `tls` is for TCP only: on a unix socket the file's mode decides. */
  readonly makeServer: (kind: Host['kind']) => ApiServer;
  readonly group: string | undefined;
  readonly environment: NodeJS.ProcessEnv;
}

export interface Listeners {
  /** As a client would write them. */
  readonly addresses: readonly string[];
  close(): void;
}

export async function listen(options: ListenerOptions): Promise<Listeners> {
  const open: Listener[] = [];
  const close = (): void => {
    for (const one of open) one.close();
  };
  try {
    for (const host of options.hosts) open.push(...(await listenAt(host, options)));
  } catch (error) {
    close();
    throw error;
  }
  return { addresses: open.map(one => one.address), close };
}

interface Listener {
  readonly address: string;
  close(): void;
}

async function listenAt(host: Host, options: ListenerOptions): Promise<readonly Listener[]> {
  const { makeServer, group, environment } = options;
  switch (host.kind) {
    case 'unix':
      return [await listenUnix(host.path, makeServer('unix'), group)];
    case 'tcp': {
      const address = `tcp://${host.address}:${host.port}`;
      const server = makeServer('tcp');
      await start(server, { host: host.address, port: host.port }, address);
      const bound = server.address();
      const port = typeof bound === 'object' ? (bound?.port ?? host.port) : host.port;
      return [{ address: `tcp://${host.address}:${port}`, close: () => server.close() }];
    }
    case 'fd':
      return Promise.all(
        inherited(host.descriptor, environment).map(async fd => {
          const server = makeServer('fd');
          await start(server, { fd }, `fd://${fd}`);
          return { address: `fd://${fd}`, close: () => server.close() };
        }),
      );
  }
}

/** `listen` takes a descriptor as well, which its types have forgotten. */
type Place = ListenOptions & { readonly fd?: number };

async function start(server: ApiServer, where: Place, name: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject).listen(where, resolve);
  await promise.catch((error: unknown) => {
    const why = error instanceof Error ? error.message : String(error);
    throw new WrongSetting(`cannot listen on ${name}: ${why}`);
  });
  server.on('error', () => undefined);
}

async function listenUnix(
  path: string,
  server: ApiServer,
  group: string | undefined,
): Promise<Listener> {
  if (await answers(path)) throw new WrongSetting(`somebody listens on unix://${path} already`);
  mkdirSync(dirname(path), { recursive: true });
  const beside = `${path}.new`;
  rmSync(beside, { force: true });
  await start(server, { path: beside }, `unix://${path}`);
  const owner = groupId(group);
  if (owner !== undefined) chownSync(beside, 0, owner);
  chmodSync(beside, 0o660);
  renameSync(beside, path);
  const { ino } = lstatSync(path);
  const close = (): void => {
    server.close();
    if (lstatSync(path, { throwIfNoEntry: false })?.ino === ino) rmSync(path, { force: true });
  };
  return { address: `unix://${path}`, close };
}

function answers(path: string): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const client = connect(path, () => resolve(true)).once('error', () => resolve(false));
  return promise.finally(() => client.destroy());
}

/** The group that Docker's users are in may be missing; one that was named may not. */
function groupId(name: string | undefined): number | undefined {
  if (name !== undefined && /^\d+$/.test(name)) return Number(name);
  const wanted = name ?? 'docker';
  const lines = readFileSync('/etc/group', 'utf8').split('\n');
  const id = lines.map(line => line.split(':')).find(([first]) => first === wanted)?.[2];
  if (id !== undefined) return Number(id);
  if (name === undefined) return undefined;
  throw new WrongSetting(`there is no group ${name} for the socket`);
}

/** Socket activation: `LISTEN_FDS` descriptors from 3 on, for the process `LISTEN_PID`. */
function inherited(wanted: number | undefined, environment: NodeJS.ProcessEnv): readonly number[] {
  const isForUs =
    environment['LISTEN_PID'] === undefined || Number(environment['LISTEN_PID']) === process.pid;
  const count = isForUs ? Number(environment['LISTEN_FDS'] ?? 0) : 0;
  const all = Array.from({ length: count }, (_, index) => 3 + index);
  if (wanted !== undefined && (all.length === 0 || all.includes(wanted))) return [wanted];
  if (wanted === undefined && all.length > 0) return all;
  throw new WrongSetting(`no socket was passed on to us for fd://${wanted ?? ''} (LISTEN_FDS)`);
}
