// `slipway daemon`: from the command line to a daemon that serves, and to its orderly end.
//
// - `startDaemon(args)`   comes back when it serves; the process ends by signal
//
//     SIGTERM, SIGINT   no new connections, containers stop, all is closed; the third ends at once
//     SIGHUP            the configuration file is read again
//
// What is wrong with the settings is said in one line, and nothing has been started.

import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { diskRefusal } from '../../engine/disk-fault.ts';
import { Refusal } from '../../engine/refusal.ts';
import { Daemon, levelOf } from '../daemon.ts';
import { type CommandLine, readCommandLine, readSettings, WrongSetting } from './command-line.ts';
import { checkHosts, parseHost } from './hosts.ts';
import { lockRoot, writePidFile } from './lock.ts';
import { type Log, openLog } from './log.ts';
import { restBeforeWork, restBetweenBursts } from './rest.ts';
import type { Settings } from './settings.ts';
import { tellSupervisor } from './supervisor.ts';
import { tlsOf } from './tls.ts';

export async function startDaemon(args: readonly string[]): Promise<void> {
  try {
    const commandLine = readCommandLine(args);
    const settings = readSettings(commandLine);
    checkHosts(
      settings.hosts.map(text => parseHost(text, tlsOf(settings) !== undefined)),
      settings,
    );
    if (commandLine.isTrial) process.stdout.write('configuration OK\n');
    else await run(commandLine, settings);
  } catch (error) {
    const told = error instanceof Refusal ? error : (diskRefusal(error) ?? error);
    // What a part refuses at its opening is a setting as well.
    if (!(told instanceof WrongSetting || told instanceof Refusal)) throw error;
    process.stderr.write(`slipway daemon: ${told.message}\n`);
    process.exit(1);
  }
}

async function run(commandLine: CommandLine, settings: Settings): Promise<void> {
  const log = openLog(levelOf(settings));
  await using held = new AsyncDisposableStack();
  held.defer(() => log.flush());
  const { 'data-root': dataRoot, 'exec-root': execRoot } = settings;
  held.use(lockRoot(dataRoot));
  chmodSync(dataRoot, 0o710);
  mkdirSync(execRoot, { recursive: true, mode: 0o711 });
  held.use(writePidFile(settings.pidfile ?? join(execRoot, 'slipway.pid')));
  const { logger } = log;
  // From here on: whoever is asked to end while he begins must not leave containers behind.
  const signals = catchSignals(log);
  const daemon = await Daemon.open({ settings, logger, environment: process.env });
  held.defer(() => daemon.close());
  await restBeforeWork();
  for (const address of await daemon.serve()) logger.info(`API listen on ${address}`);
  held.use(restBetweenBursts(() => daemon.jobsBegun));
  logger.info('the daemon is ready');
  tellSupervisor('READY=1');
  readAgainOnSignal(log, commandLine, daemon);
  const kept = held.move();
  signals.resolve(async () => {
    tellSupervisor('STOPPING=1');
    await kept.disposeAsync();
  });
}

/** So often it has to be said to a daemon that is ending already; Docker's number. */
const signalsToForce = 3;

/** Resolved with how to stop, once there is something to be stopped. */
function catchSignals({ logger, flush }: Log): PromiseWithResolvers<() => Promise<void>> {
  const ready = Promise.withResolvers<() => Promise<void>>();
  let count = 0;
  const end = (signal: NodeJS.Signals): void => {
    count += 1;
    if (count >= signalsToForce) process.exit(1);
    if (count > 1) return;
    logger.info(`${signal}: the daemon stops`);
    void ready.promise
      .then(stop => stop())
      .catch((error: unknown) => {
        logger.error({ err: error });
        process.exitCode = 1;
      })
      .then(flush)
      .finally(() => process.exit());
  };
  process.on('SIGTERM', end).on('SIGINT', end);
  // Not yet: there is nothing to read it again for.
  process.on('SIGHUP', () => undefined);
  // A promise that nobody waited for must not take every container's daemon with it.
  process.on('unhandledRejection', error => logger.error({ err: error }, 'unhandled rejection'));
  return ready;
}

function readAgainOnSignal({ logger }: Log, commandLine: CommandLine, daemon: Daemon): void {
  process.on('SIGHUP', () => {
    try {
      daemon.reload(readSettings(commandLine));
      logger.info('the configuration is read again');
    } catch (error) {
      logger.error(error instanceof Error ? error.message : String(error));
    }
  });
}
