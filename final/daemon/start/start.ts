// `slipway daemon`: from the command line to a daemon that serves, and to its orderly end.
//
// - `startDaemon(args)`   comes back when it serves; the process ends by signal
//
//     SIGTERM, SIGINT   no new connections, containers stop, all is closed; the second ends at once
//     SIGHUP            the configuration file is read again
//
// What is wrong with the settings is said in one line, and nothing has been started.

import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Daemon, levelOf } from '../daemon.ts';
import { type CommandLine, readCommandLine, readSettings, WrongSetting } from './command-line.ts';
import { checkHosts, parseHost } from './hosts.ts';
import { lockRoot, writePidFile } from './lock.ts';
import { type Log, openLog } from './log.ts';
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
    await run(commandLine, settings);
  } catch (error) {
    if (!(error instanceof WrongSetting)) throw error;
    process.stderr.write(`slipway daemon: ${error.message}\n`);
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
  const daemon = await Daemon.open({ settings, logger, environment: process.env });
  held.defer(() => daemon.close());
  for (const address of await daemon.serve()) logger.info(`API listen on ${address}`);
  logger.info('the daemon is ready');
  tellSupervisor('READY=1');
  const kept = held.move();
  onSignals(log, commandLine, daemon, async () => {
    tellSupervisor('STOPPING=1');
    await kept.disposeAsync();
  });
}

function onSignals(
  { logger, flush }: Log,
  commandLine: CommandLine,
  daemon: Daemon,
  stop: () => Promise<void>,
): void {
  let stopping = false;
  const end = (signal: NodeJS.Signals): void => {
    if (stopping) process.exit(1);
    stopping = true;
    logger.info(`${signal}: the daemon stops`);
    void stop()
      .catch((error: unknown) => {
        logger.error({ err: error });
        process.exitCode = 1;
      })
      .finally(() => {
        flush();
        process.exit();
      });
  };
  process.on('SIGTERM', end).on('SIGINT', end);
  process.on('SIGHUP', () => {
    try {
      daemon.reload(readSettings(commandLine));
      logger.info('the configuration is read again');
    } catch (error) {
      logger.error(error instanceof Error ? error.message : String(error));
    }
  });
  // A promise that nobody waited for must not take every container's daemon with it.
  process.on('unhandledRejection', error => logger.error({ err: error }, 'unhandled rejection'));
}
