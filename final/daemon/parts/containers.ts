// The part of containers: what they need of the others is handed to them here.
//
// - `openContainers(common, others)`
// - `.containers`, and when all parts are there `.begin()`: what an earlier daemon has left is
//   found,
//   and what its policy wants to run is started

import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { archiveRoutes } from '../../api/routes/archives.ts';
import { containersStreams } from '../../api/routes/containers-streams.ts';
import { containersRoutes } from '../../api/routes/containers.ts';
import { execRoutes } from '../../api/routes/exec.ts';
import { invalid } from '../../engine/refusal.ts';
import { execDrivers } from '../../execdriver/drivers.ts';
import { imageOrDefault } from '../../graph/default-image.ts';
import type { Graph } from '../../graph/graph.ts';
import { defaultSeccompProfile } from '../../libcontainer/seccomp/default-profile.ts';
import type { Networks } from '../../networkdriver/networks.ts';
import type { Volumes } from '../../volumes/volumes.ts';
import { Containers } from '../containers/core/containers.ts';
import { registerContainers } from '../containers/register.ts';
import { verifyLogOptions } from '../containers/logs/options/settings.ts';
import { restore, resume } from '../containers/run/restore.ts';
import { shutDown } from '../containers/run/shutdown.ts';
import type { Settings } from '../start/settings.ts';
import type { Info } from '../system/info.ts';
import type { Common, Part } from './part.ts';

export interface ContainersPart extends Part {
  readonly containers: Containers;
  begin(): Promise<void>;
}

export interface Others {
  readonly graph: Graph;
  readonly networks: Networks;
  readonly volumes: Volumes;
}

export function openContainers(common: Common, others: Others): ContainersPart {
  const { settings, engine, events, database, clock, logger } = common;
  const { graph, networks, volumes } = others;
  const { 'log-driver': Type, 'log-opts': Config } = settings();
  verifyLogOptions({ Type, Config });
  const containers = new Containers({
    database,
    events,
    images: {
      find: reference => graph.get(reference),
      childrenOf: id => graph.names.childrenOf(graph.get(id).id),
      obtain: reference => imageOrDefault(graph, reference),
    },
    layers: graph.containers,
    networks,
    volumes,
    driver: execDrivers().make(settings()['exec-driver'], { spareKeepers: 1 }),
    settings: containerSettings(settings(), graph.driver.name),
    now: () => clock.now(),
    random: bytes => randomBytes(bytes),
    warn: message => logger.warn(message),
  });
  registerContainers(engine, containers);
  return {
    containers,
    routes: [...containersRoutes, ...containersStreams, ...execRoutes, ...archiveRoutes],
    info: () => counts(containers),
    begin: async () => {
      await restore(containers);
      graph.reconcile(containers.store.knownIds());
      graph.nameBroken(containers.store.knownIds());
      networks.restore();
      try {
        await volumes.reconcile();
      } catch (error) {
        logger.warn(`the volumes could not be put in order: ${String(error)}`);
      }
      await resume(containers);
    },
    close: async timeoutS => {
      containers.isShuttingDown = true;
      if (timeoutS === undefined) containers.store.writeRest();
      else await shutDown(containers, timeoutS);
      containers.programs[Symbol.dispose]();
      await containers.needs.driver.close?.();
    },
  };
}

function containerSettings(settings: Settings, storageDriver: string) {
  return {
    folder: join(settings['data-root'], 'containers'),
    execFolder: settings['exec-root'],
    logDriver: settings['log-driver'],
    logOptions: settings['log-opts'],
    // Where schedulers look for a container's groups, as Docker with cgroupfs has them.
    ipcMode: settings['default-ipc-mode'],
    cgroupnsMode: settings['default-cgroupns-mode'],
    init: settings.init,
    ulimits: Object.values(settings['default-ulimits']),
    shmBytes: settings['default-shm-size'],
    cgroupParent: 'docker',
    network: settings.bridge === 'none' ? ('none' as const) : ('bridge' as const),
    seccompProfile: readProfile(settings['seccomp-profile']),
    noNewPrivileges: settings['no-new-privileges'],
    storageDriver,
  };
}

/** @throws Refusal INVALID naming the file */
function readProfile(setting: string): unknown {
  if (setting === 'builtin') return defaultSeccompProfile;
  if (setting === 'unconfined') return undefined;
  try {
    return JSON.parse(readFileSync(setting, 'utf8'));
  } catch (cause) {
    const said = cause instanceof Error ? cause.message : String(cause);
    const why = said.replace(/^E[A-Z]+: ([^,]*), .*/s, '$1');
    throw invalid(`opening seccomp profile (${setting}) failed: ${why}`, { cause });
  }
}

function counts(containers: Containers): Info {
  const all = [...containers.all()].map(({ state }) => state.status);
  const paused = all.filter(status => status === 'paused').length;
  const running = all.filter(status => status === 'running' || status === 'restarting').length;
  return {
    Containers: all.length,
    ContainersRunning: running,
    ContainersPaused: paused,
    ContainersStopped: all.length - paused - running,
  };
}
