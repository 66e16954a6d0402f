// The daemon: everything that it is made of, put together in one place.
//
// - `openDaemon({ settings, log, flags })`   opens what is kept, registers the jobs
// - `.serve()`                               the job `serveapi`: listens
// - `.reload(settings)`                      what may change while it runs: labels, log level,
//   time-outs
// - `.close()`                               containers stop (or go on, with live-restore), then
//   all else
//
// A part is a class that is opened here, registers its jobs with the engine, brings its routes and
// its lines of `info`; parts know of each other what is handed to them here and nothing else.

import { join } from 'node:path';
import type { Logger } from 'pino';
import { Dispatcher } from '../api/http/dispatch.ts';
import { apiServer } from '../api/http/server.ts';
import { formatVersion, newest } from '../api/http/versions.ts';
import type { Route } from '../api/route.ts';
import { Engine } from '../engine/engine.ts';
import { jobType } from '../engine/job.ts';
import { openDatabase } from '../graph/database.ts';
import { Clock } from './clock.ts';
import { EventBus } from './events.ts';
import { openContainers } from './parts/containers.ts';
import { openImages } from './parts/images.ts';
import { openNetworks } from './parts/networks.ts';
import type { Common, Part } from './parts/part.ts';
import { openSystem } from './parts/system.ts';
import { openVolumes } from './parts/volumes.ts';
import { lookup } from './parts/lookup.ts';
import { checkHosts, parseHost } from './start/hosts.ts';
import { listen, type Listeners } from './start/listeners.ts';
import { logJob } from './start/log.ts';
import type { Settings } from './start/settings.ts';
import { tlsOf } from './start/tls.ts';
import { dfJob, spaceOf } from './system/df.ts';
import { engineVersion } from './system/version.ts';

export interface DaemonOptions {
  readonly settings: Settings;
  readonly logger: Logger;
  readonly environment: NodeJS.ProcessEnv;
}

const serveJob = jobType<readonly Route[], Listeners>('serveapi');

export class Daemon {
  readonly #options: DaemonOptions;
  readonly #common: Common;
  readonly #parts: Part[] = [];
  #settings: Settings;
  #listeners: Listeners | undefined;

  /** Nothing is listened to yet. @throws if what is kept cannot be opened */
  static async open(options: DaemonOptions): Promise<Daemon> {
    const daemon = new Daemon(options);
    try {
      await daemon.#assemble();
      return daemon;
    } catch (error) {
      await daemon.close();
      throw error;
    }
  }

  private constructor(options: DaemonOptions) {
    const { settings, logger } = options;
    this.#options = options;
    this.#settings = settings;
    const clock = new Clock();
    this.#common = {
      settings: () => this.#settings,
      environment: options.environment,
      engine: new Engine({ log: logJob(logger) }),
      events: new EventBus({ now: () => clock.now() }),
      clock,
      database: openDatabase({
        file: join(settings['data-root'], 'slipway.db'),
        log: message => logger.warn(message),
      }),
      logger,
    };
  }

  /** The order is that of who needs whom; what is needed before it is there is looked up later. */
  async #assemble(): Promise<void> {
    const common = this.#common;
    this.#parts.push(openSystem(common, () => this.#parts));
    const later = lookup();
    const images = openImages(common, later);
    this.#parts.push(images);
    const volumes = openVolumes(common, later);
    this.#parts.push(volumes);
    const networks = openNetworks(common, later);
    this.#parts.push(networks);
    const containers = openContainers(common, { ...images, ...volumes, ...networks });
    this.#parts.push(containers);
    later.know(containers.containers);
    const all = { ...images, ...volumes, ...containers };
    common.engine.register(dfJob, ({ env }) => spaceOf(all, env));
    images.graph.reconcile(containers.containers.store.knownIds());
    await containers.begin();
    common.engine.register(serveJob, ({ env }) => this.#listen(env));
  }

  /** How many jobs were begun so far. */
  get jobsBegun(): number {
    return this.#common.engine.begun;
  }

  /** Where it listens, as a client would write it. @throws WrongSetting */
  async serve(): Promise<readonly string[]> {
    const routes = this.#parts.flatMap(part => part.routes);
    const args = this.#settings.hosts;
    this.#listeners = await this.#common.engine.run(serveJob, { args, env: routes });
    return this.#listeners.addresses;
  }

  #listen(routes: readonly Route[]): Promise<Listeners> {
    const { settings, logger, environment } = this.#options;
    const tls = tlsOf(settings);
    const hosts = settings.hosts.map(text => parseHost(text, tls !== undefined));
    checkHosts(hosts, settings);
    const headers = {
      'Api-Version': formatVersion(newest),
      'Docker-Experimental': String(settings.experimental),
      Ostype: 'linux',
      Server: `Slipway/${engineVersion()} (linux)`,
    };
    const faults = (error: unknown, request: string): void => logger.error({ err: error, request });
    const dispatcher = new Dispatcher({ engine: this.#common.engine, routes, headers, faults });
    return listen({
      hosts,
      makeServer: kind =>
        apiServer({ dispatcher, ...(kind === 'tcp' && tls !== undefined ? { tls } : {}) }),
      group: settings.group,
      environment,
    });
  }

  /** What cannot change while it runs stays as it is. */
  reload(settings: Settings): void {
    const changing = ['labels', 'debug', 'log-level', 'shutdown-timeout', 'live-restore'] as const;
    const changed = Object.fromEntries(changing.map(key => [key, settings[key]]));
    this.#settings = { ...this.#settings, ...changed };
    this.#common.logger.level = levelOf(this.#settings);
    const attributes = Object.fromEntries(
      changing.map(key => [key, JSON.stringify(settings[key])]),
    );
    this.#common.events.emit('daemon', 'reload', this.#settings['data-root'], attributes);
  }

  async close(): Promise<void> {
    this.#listeners?.close();
    const { 'live-restore': leave, 'shutdown-timeout': seconds } = this.#settings;
    const timeoutS = seconds < 0 ? Number.POSITIVE_INFINITY : seconds;
    for (const part of this.#parts.toReversed()) await part.close?.(leave ? undefined : timeoutS);
    this.#common.database[Symbol.dispose]();
  }
}

export function levelOf({ debug, 'log-level': level }: Settings): string {
  return debug ? 'debug' : level;
}
