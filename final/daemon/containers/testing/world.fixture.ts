// A daemon's other parts as the tests of containers need them: nothing of them touches the host.
//
// - `openWorld()`: containers on a database of their own, with a driver that a test commands
// - `.create(name, config, hostConfig)`, `.start(id)`: as the API asks for them
// - `.end(id, code)`: the application of a container ends
// - `.told`: events, as `action name`; `.calls`: what the neighbours were asked for

import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { scratchFolder } from '@slipway/lab';
import type { KeptChild } from '@slipway/native';
import type { Ended, ExecDriver, Running } from '../../../execdriver/driver.ts';
import type { StartFailure } from '../../../execdriver/start-failure.ts';
import { openDatabase } from '../../../graph/database.ts';
import { noNetworks } from '../../../networkdriver/settings.ts';
import { notFound } from '../../../engine/refusal.ts';
import { Containers } from '../core/containers.ts';
import type { Needs } from '../core/needs.ts';
import { createContainer } from '../create/create.ts';
import { configSchema } from '../record/config.ts';
import { hostConfigSchema } from '../record/host-config.ts';
import { networkingSchema } from '../record/networking.ts';
import type { ContainerId, ContainerRecord } from '../record/record.ts';
import { startByReference } from '../run/start.ts';

interface Command {
  readonly running: Running;
  readonly end: (ended: Ended) => void;
  readonly lose: (reason: Error) => void;
}

export interface World extends AsyncDisposable {
  readonly containers: Containers;
  readonly told: string[];
  readonly calls: string[];
  readonly signals: string[];
  /** The next start is refused with it. */
  refusal: StartFailure | undefined;
  /** Whether signals end a container at once. */
  obeys: boolean;
  create(name: string, config?: object, hostConfig?: object): Promise<ContainerId>;
  start(id: ContainerId): Promise<void>;
  end(id: ContainerId, exitCode: number): Promise<void>;
  lose(id: ContainerId): Promise<void>;
  get(id: ContainerId): ContainerRecord;
  /** Another daemon on the same database. */
  reopen(): Containers;
}

export async function openWorld(): Promise<World> {
  await using held = new AsyncDisposableStack();
  const folder = held.use(scratchFolder()).path;
  const database = held.use(openDatabase({ file: join(folder, 'slipway.db') }));
  const commands = new Map<string, Command>();
  const world = { told: [], calls: [], signals: [], refusal: undefined, obeys: true } as Pick<
    World,
    'told' | 'calls' | 'signals' | 'refusal' | 'obeys'
  >;
  const needs = needsOf(world as World, folder, database, commands);
  const containers = new Containers(needs);
  held.use(containers.programs);
  const all = held.move();
  const quiet = async (id: ContainerId): Promise<void> => {
    await sleep(0);
    await containers.live(id).queue.run(() => undefined);
  };
  return Object.assign(world, {
    containers,
    create: async (name: string, config: object = {}, hostConfig: object = {}) => {
      const made = await createContainer(containers, {
        name,
        platform: undefined,
        config: configSchema.parse({ Image: 'box', Cmd: ['run'], ...config }),
        hostConfig: hostConfigSchema.parse(hostConfig),
        networking: networkingSchema.parse({}),
      });
      return made.id;
    },
    start: (id: ContainerId) => startByReference(containers, id),
    end: async (id: ContainerId, exitCode: number) => {
      commands.get(id)?.end(endedWith(exitCode));
      await quiet(id);
    },
    lose: async (id: ContainerId) => {
      commands.get(id)?.lose(new Error('its keeper was killed'));
      await quiet(id);
    },
    get: (id: ContainerId) => containers.get(id),
    reopen: () => new Containers(needs),
    [Symbol.asyncDispose]: async () => {
      await sleep(0);
      await all.disposeAsync();
    },
  }) as World;
}

function endedWith(exitCode: number): Ended {
  const now = Date.now();
  const finishedAtNs = BigInt(now) * 1_000_000n;
  return { exitCode, oomKilled: false, finishedAt: new Date(now), finishedAtNs };
}

function needsOf(
  world: World,
  folder: string,
  database: Needs['database'],
  commands: Map<string, Command>,
): Needs {
  let count = 0;
  const call =
    (what: string) =>
    (...[about]: readonly unknown[]): void => {
      const id = typeof about === 'string' ? about : (about as { id?: string }).id;
      world.calls.push(`${what} ${world.containers.store.get(id as ContainerId)?.name ?? 'new'}`);
    };
  const image = { id: `sha256:${'1'.repeat(64)}`, layers: ['l'], config: {} };
  const config = { os: 'linux', architecture: 'amd64', config: { Env: ['PATH=/bin'] } };
  const findImage = (reference: string): never => {
    if (reference !== 'box') throw notFound(`No such image: ${reference}:latest`);
    return { ...image, config } as never;
  };
  return {
    database,
    driver: driverOf(world, commands),
    events: {
      emit: (_type, action, _id, { name = '', exitCode }) =>
        void world.told.push(`${action} ${name}${exitCode === undefined ? '' : ` ${exitCode}`}`),
    },
    images: {
      find: findImage,
      childrenOf: () => [],
      obtain: async reference => findImage(reference),
    },
    layers: {
      create: async (id: string) => call('layer')(id),
      remove: call('unlayer'),
      exists: () => true,
      sizes: () => ({ rw: 1, rootFs: 2 }),
      folders: () => undefined,
      open: async () => {
        const descriptor = openSync(folder, 'r');
        return { descriptor, [Symbol.dispose]: () => closeSync(descriptor) };
      },
    } as never,
    networks: {
      plan: () => ({}),
      allocate: record => {
        call('allocate')(record);
        const open = () => Promise.resolve({ mode: 'host' } as const);
        return {
          ...{ open, files: new Map(), networks: {}, environment: [], sysctls: {} },
          [Symbol.dispose]: () => undefined,
        };
      },
      release: call('release'),
      linkVariables: () => [],
      renamed: call('renamed'),
      unlinked: call('unlinked'),
      settings: () => noNetworks,
    },
    volumes: {
      resolve: () => [],
      keep: () => undefined,
      populate: async () => undefined,
      open: async () => ({ mounts: [], [Symbol.dispose]: () => undefined }),
      close: call('close'),
      forget: async record => call('forget')(record),
    },
    settings: {
      ...{ folder: join(folder, 'containers'), execFolder: join(folder, 'run') },
      ...{ logDriver: 'json-file', logOptions: {}, cgroupParent: '/docker' },
      ...{ ipcMode: 'private', cgroupnsMode: 'private', init: false },
      ...{ ulimits: [], shmBytes: 64 << 20, noNewPrivileges: false, network: 'bridge' },
      seccompProfile: { defaultAction: 'SCMP_ACT_ALLOW' },
      storageDriver: 'overlay',
    },
    now: () => BigInt(Date.now()) * 1_000_000n + BigInt((count += 1)),
    random: bytes => crypto.getRandomValues(new Uint8Array(bytes)),
    warn: message => void world.calls.push(`warn ${message}`),
  };
}

function driverOf(world: World, commands: Map<string, Command>): ExecDriver {
  let pid = 1000;
  return {
    name: 'fake',
    start: async ({ id }) => {
      if (world.refusal !== undefined) throw world.refusal;
      const { promise, resolve, reject } = Promise.withResolvers<Ended>();
      pid += 1;
      const name = (): string => world.containers.store.get(id as ContainerId)?.name ?? '';
      const running = {
        ...{ id, pid, startedAtNs: BigInt(Date.now()) * 1_000_000n, steps: () => [] },
        main: { sinks: [] as readonly unknown[] } as KeptChild,
        ended: promise,
        isPaused: false,
        pause: async () => undefined,
        resume: async () => undefined,
        release: async () => void world.calls.push(`end ${name()}`),
        kill: async (signal: number) => {
          world.signals.push(`${signal} ${name()}`);
          if (signal === 9 || world.obeys) resolve(endedWith(128 + signal));
          return true;
        },
      } as unknown as Running;
      commands.set(id, { running, end: resolve, lose: reject });
      return running;
    },
    restore: ({ id }) => Promise.resolve(commands.get(id)?.running),
    abandon: () => undefined,
    explain: () => [],
  };
}
