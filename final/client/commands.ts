// The table of commands: name, what it is for, where it is. Only the one that is run is loaded.
//
// - `findCommand(words)`   `ps`, or two words (`container ls`); undefined if there is none
// - `commandNames()`, `overview()`

import type { Run } from './command.ts';

interface Line {
  readonly about: string;
  readonly load: () => Promise<{ readonly run: Run }>;
}

const commands: Readonly<Record<string, Line>> = {
  run: {
    about: 'Create a container and run a command in it',
    load: () => import('./commands/run/run.ts'),
  },
  create: { about: 'Create a container', load: () => import('./commands/run/create.ts') },
  start: { about: 'Start containers', load: () => import('./commands/run/start.ts') },
  exec: {
    about: 'Run a command in a running container',
    load: () => import('./commands/run/exec.ts'),
  },
  attach: {
    about: 'Join our streams with a running container',
    load: () => import('./commands/run/attach.ts'),
  },
  stop: { about: 'Stop containers', load: () => import('./commands/life/stop.ts') },
  restart: { about: 'Restart containers', load: () => import('./commands/life/restart.ts') },
  kill: { about: 'Send a signal to containers', load: () => import('./commands/life/kill.ts') },
  pause: { about: 'Freeze containers', load: () => import('./commands/life/pause.ts') },
  unpause: {
    about: 'Let frozen containers go on',
    load: () => import('./commands/life/unpause.ts'),
  },
  wait: {
    about: 'Wait for containers to end, and print how',
    load: () => import('./commands/life/wait.ts'),
  },
  rm: { about: 'Remove containers', load: () => import('./commands/life/rm.ts') },
  rename: { about: 'Rename a container', load: () => import('./commands/life/rename.ts') },
  ps: { about: 'List containers', load: () => import('./commands/look/ps.ts') },
  logs: {
    about: 'Show what a container has written',
    load: () => import('./commands/look/logs.ts'),
  },
  inspect: { about: 'Show all about an object', load: () => import('./commands/look/inspect.ts') },
  top: { about: 'Show the processes of a container', load: () => import('./commands/look/top.ts') },
  port: { about: 'Show published ports', load: () => import('./commands/look/port.ts') },
  diff: {
    about: 'Show what a container has changed',
    load: () => import('./commands/look/diff.ts'),
  },
  export: {
    about: 'Write a container’s files as a tar',
    load: () => import('./commands/look/export.ts'),
  },
  images: { about: 'List images', load: () => import('./commands/images/images.ts') },
  rmi: { about: 'Remove images', load: () => import('./commands/images/rmi.ts') },
  tag: { about: 'Give an image another name', load: () => import('./commands/images/tag.ts') },
  load: { about: 'Load images from a tar', load: () => import('./commands/images/load.ts') },
  save: { about: 'Write images as a tar', load: () => import('./commands/images/save.ts') },
  import: {
    about: 'Make an image from a tar of files',
    load: () => import('./commands/images/import.ts'),
  },
  commit: {
    about: 'Make an image from a container',
    load: () => import('./commands/images/commit.ts'),
  },
  history: {
    about: 'Show how an image was made',
    load: () => import('./commands/images/history.ts'),
  },
  pull: { about: 'Get an image from a registry', load: () => import('./commands/images/pull.ts') },
  network: {
    about: 'Networks: ls, create, rm, inspect, connect, disconnect, prune',
    load: () => import('./commands/system/network.ts'),
  },
  volume: {
    about: 'Volumes: ls, create, rm, inspect, prune',
    load: () => import('./commands/system/volume.ts'),
  },
  version: {
    about: 'Show our version and the engine’s',
    load: () => import('./commands/system/version.ts'),
  },
  info: { about: 'Show what the engine has', load: () => import('./commands/system/info.ts') },
  events: { about: 'Show what happens', load: () => import('./commands/system/events.ts') },
  jobs: {
    about: 'Show what the engine is working on',
    load: () => import('./commands/system/jobs.ts'),
  },
  completion: {
    about: 'Print a completion script for bash',
    load: () => import('./commands/system/completion.ts'),
  },
};

/** docker's longer names for the same. */
const longer: Readonly<Record<string, string>> = {
  'container ls': 'ps',
  'container ps': 'ps',
  'image ls': 'images',
  'image rm': 'rmi',
  'system info': 'info',
  'system events': 'events',
};

const groups = new Set(['container', 'image']);

export interface Found extends Line {
  readonly name: string;
  readonly args: readonly string[];
}

export function findCommand(words: readonly string[]): Found | undefined {
  const [first = '', second = '', ...rest] = words;
  const short = longer[`${first} ${second}`] ?? (groups.has(first) ? second : undefined);
  const name = short ?? first;
  const line = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (line === undefined) return undefined;
  return { ...line, name, args: short === undefined ? words.slice(1) : rest };
}

export function commandNames(): readonly string[] {
  return [...Object.keys(commands), 'daemon', 'help'];
}

export function overview(): string {
  const lines = Object.entries(commands).map(([name, { about }]) => `  ${name.padEnd(12)}${about}`);
  return [
    'Usage: slipway [-H HOST] [--tlsverify …] COMMAND [OPTIONS] [ARGUMENTS]',
    '',
    ...lines,
    `  ${'daemon'.padEnd(12)}Be the engine (slipway daemon --help)`,
    '',
    "Run 'slipway COMMAND --help' for more about one.",
    '',
  ].join('\n');
}
