// Made from ../../runtime/options.ts by `npm run generate`. Nothing is left out here.
// See how far you are, in the folder of the chapter: SUBJECT=exercise/run.ts npm test
//
// The command line of chapter 01, as text → options → request.
//
// - `addNamespaceOptions(command)`: declares them; later chapters add their own beside
// - `readContainerOptions(flags, argv, …)`: checks them against each other
// - `addStreamOptions`, `environment`, `readPid`: what `enter` shares with it
//
// Long names are those of unshare(1) where it has them.

import { existsSync } from 'node:fs';
import { Option, type Command } from 'commander';
import { namespaceKinds, type Namespace } from '@slipway/native';
import type { ContainerOptions } from '../container/container.ts';
import {
  parseIdMap,
  rootAs,
  type IdMap,
  type IdMaps,
  type Writer,
} from '../container/id-map.ts';
import { ownSize } from '../../runtime/terminal.ts';

/** The flags as commander leaves them. */
export interface NamespaceFlags extends StreamFlags, Partial<Record<Namespace, true>> {
  readonly all?: true;
  readonly hostname?: string;
  readonly mapRootUser?: true;
  readonly uidMap?: readonly IdMap[];
  readonly gidMap?: readonly IdMap[];
  readonly monotonic?: number;
  readonly boottime?: number;
}

/** The flags about standard streams. */
export interface StreamFlags {
  readonly interactive?: true;
  readonly tty?: true;
}

/** What the options need to know of the machine and of the user. */
export interface Surroundings {
  readonly env: NodeJS.ProcessEnv;
  readonly user: Writer;
  /** Whether there is a /dev/mqueue. */
  readonly queues: boolean;
  /** Whether our standard input is a terminal. */
  readonly terminal: boolean;
}

/** The surroundings of this process. */
export function ownSurroundings(): Surroundings {
  const user = { uid: process.geteuid?.() ?? 0, gid: process.getegid?.() ?? 0 };
  return {
    env: process.env,
    user,
    queues: existsSync('/dev/mqueue'),
    terminal: process.stdin.isTTY,
  };
}

/** A command line that makes no sense, with what to write instead. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Declares the options of this chapter on `command`. */
export function addNamespaceOptions(command: Command): Command {
  const map = (text: string, before: readonly IdMap[] = []): readonly IdMap[] => [
    ...before,
    parseIdMap(text),
  ];
  for (const kind of namespaceKinds) {
    command.option(
      `--${kind}`,
      `${kind === 'ipc' ? 'an' : 'a'} ${kind} namespace of its own`,
    );
  }
  command
    .option('--all', 'all eight kinds; uid 0 inside is you outside')
    .option('--hostname <name>', 'the host name inside (needs --uts)')
    .option('-r, --map-root-user', 'uid 0 inside is you outside (implies --user)')
    .addOption(
      new Option(
        '--uid-map <inside:outside:count>',
        'a range of uids; may be repeated',
      ).argParser(map),
    )
    .addOption(
      new Option('--gid-map <inside:outside:count>', 'the same for gids').argParser(
        map,
      ),
    )
    .option(
      '--monotonic <seconds>',
      'shift the monotonic clock (needs --time)',
      seconds,
    )
    .option(
      '--boottime <seconds>',
      'shift the boot-time clock (needs --time)',
      seconds,
    );
  return addStreamOptions(command);
}

/** Declares -i and -t. */
export function addStreamOptions(command: Command): Command {
  return command
    .option('-i, --interactive', 'keep standard input open')
    .option('-t, --tty', 'a terminal of its own');
}

/**
 * The container that the flags describe.
 *
 * @throws UsageError naming the flags that do not fit together
 */
export function readContainerOptions(
  flags: NamespaceFlags,
  argv: readonly string[],
  surroundings: Surroundings,
): ContainerOptions {
  if (argv.length === 0) {
    throw new UsageError('no command: write one after --, as in: -- busybox sh');
  }
  const { env, queues, user } = surroundings;
  const idMaps = readIdMaps(flags, user);
  const namespaces = namespaceKinds.filter(
    kind => flags.all || flags[kind] || (kind === 'user' && idMaps),
  );
  refuseMisfits(flags, namespaces);
  refuseWithoutTerminal(flags, surroundings.terminal);
  const shifted = flags.monotonic !== undefined || flags.boottime !== undefined;
  return {
    namespaces,
    queues,
    argv,
    env: environment(env, flags),
    ...(flags.hostname !== undefined && { hostname: flags.hostname }),
    ...(idMaps && { idMaps }),
    ...(shifted && {
      clocks: {
        monotonicSeconds: flags.monotonic ?? 0,
        boottimeSeconds: flags.boottime ?? 0,
      },
    }),
    ...(flags.tty && { terminal: ownSize() }),
  };
}

/**
 * The pid of the container's process, for a command that is there.
 *
 * @throws UsageError if the text is no pid, or if there is no command
 */
export function readPid(text: string, command: readonly string[]): number {
  const pid = Number(text);
  if (!/^\d+$/.test(text) || pid < 1) {
    throw new UsageError(`${JSON.stringify(text)} is no pid: take one that ps shows`);
  }
  if (command.length === 0) {
    throw new UsageError(`no command: write one, as in: enter ${pid} -- busybox sh`);
  }
  return pid;
}

/**
 * What the application finds in its environment: ours, and a terminal type if needed.
 */
export function environment(
  env: NodeJS.ProcessEnv,
  flags: Pick<NamespaceFlags, 'tty'>,
): readonly string[] {
  const entries = Object.entries(env).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${value}`],
  );
  return flags.tty && env['TERM'] === undefined ? [...entries, 'TERM=xterm'] : entries;
}

function readIdMaps(flags: NamespaceFlags, writer: Writer): IdMaps | undefined {
  if (flags.uidMap || flags.gidMap) {
    if (!flags.uidMap || !flags.gidMap) {
      throw new UsageError('--uid-map and --gid-map go together: give both');
    }
    if (flags.mapRootUser) {
      throw new UsageError('--map-root-user is a map already: leave out --uid-map');
    }
    const setgroups = writer.uid === 0 ? 'allow' : 'deny';
    return { uids: flags.uidMap, gids: flags.gidMap, setgroups };
  }
  return flags.mapRootUser || flags.all ? rootAs(writer) : undefined;
}

function refuseMisfits(flags: NamespaceFlags, namespaces: readonly Namespace[]): void {
  if (flags.hostname !== undefined) {
    if (!namespaces.includes('uts')) {
      throw new UsageError('--hostname would rename this machine: add --uts');
    }
    if (!/^[A-Za-z0-9][A-Za-z0-9.-]{0,63}$/.test(flags.hostname)) {
      throw new UsageError(
        `--hostname ${JSON.stringify(flags.hostname)}: 1 to 64 of A-Z a-z 0-9 . -`,
      );
    }
  }
  const shifted = flags.monotonic !== undefined || flags.boottime !== undefined;
  if (shifted && !namespaces.includes('time')) {
    throw new UsageError('--monotonic and --boottime shift a clock: add --time');
  }
}

/** Keys that no terminal has made cannot be typed into another one. */
export function refuseWithoutTerminal(flags: StreamFlags, terminal: boolean): void {
  if (flags.tty && flags.interactive && !terminal) {
    throw new UsageError('-i -t: standard input is no terminal: leave out -t');
  }
}

function seconds(text: string): number {
  if (!/^-?\d{1,10}$/.test(text)) {
    throw new UsageError(`${text} is no number of seconds, as in 31536000`);
  }
  return Number(text);
}
// As made: 3fce980c
