// Networks with containers of their own, for tests: a program that sleeps is container enough.
//
// - `openTrial(hold)`: networks on this host, with a book and a database in a scratch folder
// - `Trial.start(name, options)`, `.stop`: a process in the networks that `options` ask for
// - `Trial.inside(container, argv)`: what a command prints in its network namespace

import { execFile } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { promisify } from 'node:util';
import { scratchFolder } from '@slipway/lab';
import { spawn, step, type Child } from '@slipway/native';
import { notFound } from '../engine/refusal.ts';
import { openDatabase } from '../graph/database.ts';
import { withNetwork } from '../libcontainer/network.ts';
import type { ContainersOnNetworks, NetworkedContainer } from './driver.ts';
import { createSchema } from './network/create.ts';
import { Networks } from './networks.ts';
import { askedEndpointSchema, type AskedEndpoint } from './settings.ts';

type HostConfig = Partial<NetworkedContainer['hostConfig']>;

export interface ContainerWish extends HostConfig {
  readonly networks?: Readonly<Record<string, Partial<AskedEndpoint>>>;
  readonly exposed?: readonly string[];
}

const never = '0001-01-01T00:00:00Z';

class Trial {
  networks: Networks;
  readonly folder: string;
  readonly events: string[] = [];
  readonly logged: string[] = [];
  readonly #containers = new Map<string, NetworkedContainer>();
  readonly #children = new Map<string, Child>();
  readonly #held: AsyncDisposableStack;

  constructor(folder: string, held: AsyncDisposableStack) {
    this.folder = folder;
    this.#held = held;
    this.networks = this.#open();
    held.defer(async () => {
      for (const name of this.#children.keys()) await this.stop(name);
      this.networks.close();
    });
  }

  #open(): Networks {
    const { folder } = this;
    const database = this.#held.use(openDatabase({ file: `${folder}/slipway.db` }));
    const containers: ContainersOnNetworks = {
      find: reference => {
        const all = [...this.#containers.values()];
        const found = all.find(({ id, name }) => id === reference || name === reference);
        if (found === undefined) throw notFound(`No such container: ${reference}`);
        return found;
      },
      all: () => this.#containers.values(),
      folderOf: id => `${folder}/${id}`,
      setNetworks: (id, networks) => this.#change(id, { networks }),
    };
    return Networks.open({
      ...{ database, engine: folder, bookFolder: `${folder}/book`, containers },
      events: { emit: (_, action, id) => void this.events.push(`${action} ${id.slice(0, 6)}`) },
      log: message => void this.logged.push(message),
      now: () => '2026-01-02T03:04:05.000000006Z',
    });
  }

  /** The daemon is gone without a word, and comes again. */
  restart(): void {
    this.networks[Symbol.dispose]();
    this.networks = this.#open();
    this.networks.restore();
  }

  create(name: string, subnet?: string, more: object = {}): string {
    const IPAM = subnet === undefined ? null : { Config: [{ Subnet: subnet }] };
    return this.networks.create(createSchema.parse({ Name: name, IPAM, ...more })).id;
  }

  container(name: string): NetworkedContainer {
    const found = this.#containers.get(name);
    if (found === undefined) throw new Error(`no ${name}`);
    return found;
  }

  /** Created, and not started. */
  add(name: string, wish: ContainerWish = {}): void {
    const { networks = {}, exposed = [], ...own } = wish;
    const id = Buffer.from(name.padEnd(32, '.')).toString('hex');
    const config = {
      ...{ Hostname: id.slice(0, 12), Domainname: '' },
      ExposedPorts: Object.fromEntries(exposed.map(key => [key, {}])),
    };
    const hostConfig = {
      ...{ NetworkMode: 'default', PortBindings: null, PublishAllPorts: false, Dns: null },
      ...{ DnsOptions: null, DnsSearch: null, ExtraHosts: null, Links: null, ...own },
    };
    const endpoints = Object.fromEntries(
      Object.entries(networks).map(([key, asked]) => [key, askedEndpointSchema.parse(asked)]),
    );
    const request = { config: { ...config, Hostname: '' }, hostConfig, endpoints };
    const planned = this.networks.plan(request);
    const state = { pid: 0, startedAt: never };
    this.#containers.set(name, { id, name, config, hostConfig, networks: planned, state });
  }

  async start(name: string, wish?: ContainerWish): Promise<number> {
    if (wish !== undefined || !this.#containers.has(name)) this.add(name, wish);
    const container = this.container(name);
    mkdirSync(`${this.folder}/${container.id}`, { recursive: true });
    using given = this.networks.allocate(container);
    const network = await given.open();
    given.connect?.();
    const program = [step.exec(['busybox', 'sleep', '1000'], [])];
    const request = { program, stdio: ['null', 'null', 'null'] } as const;
    const child = await spawn(withNetwork(request, network));
    this.#children.set(name, child);
    const state = { pid: child.pid, startedAt: '2026-01-02T03:04:05Z' };
    this.#containers.set(name, { ...container, networks: given.networks, state });
    return child.pid;
  }

  async stop(name: string): Promise<void> {
    await this.#children.get(name)?.[Symbol.asyncDispose]();
    this.#children.delete(name);
    const container = this.container(name);
    this.#containers.set(name, { ...container, state: { ...container.state, pid: 0 } });
    this.networks.release(container);
  }

  rename(name: string, next: string): void {
    const container = { ...this.container(name), name: next };
    this.#containers.set(name, container);
    this.networks.renamed(container);
  }

  #change(id: string, change: Partial<NetworkedContainer>): void {
    for (const [name, container] of this.#containers) {
      if (container.id === id) this.#containers.set(name, { ...container, ...change });
    }
  }

  /** Standard output; a command that fails says so on it. */
  async inside(name: string, ...argv: readonly string[]): Promise<string> {
    const net = `--net=/proc/${this.container(name).state.pid}/ns/net`;
    return run('nsenter', net, ...argv);
  }
}

export async function run(program: string, ...argv: readonly string[]): Promise<string> {
  try {
    return (await promisify(execFile)(program, argv, { timeout: 20_000 })).stdout.trim();
  } catch (error) {
    return `failed: ${error instanceof Error ? error.message : String(error)}`;
  }
}

export function openTrial(hold: <T extends AsyncDisposable | Disposable>(one: T) => T): Trial {
  const held = new AsyncDisposableStack();
  const trial = new Trial(held.use(scratchFolder()).path, held);
  hold({ [Symbol.asyncDispose]: () => held.disposeAsync() });
  return trial;
}
