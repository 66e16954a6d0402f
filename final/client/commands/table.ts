// The table of commands: name, what it is for, where it is. Only the one that is run is loaded.
//
// - `table`      by name: `ps`, or two words: `network ls`
// - `otherNames` docker's longer names for the same
// - `groups`     what stands before a second word
//
// What is beside docker's: explain, graph, image init, jobs, completion.

import type { Run } from '../command.ts';

export interface Line {
  readonly about: string;
  readonly load: () => Promise<{ readonly run: Run }>;
}

type Loader = Line['load'];

const networks = () => import('./objects/network.ts');
const volumes = () => import('./objects/volume.ts');
const prunes = () => import('./objects/prune.ts');
const registry = () => import('./registry/session.ts');

const lines: readonly (readonly [name: string, about: string, load: Loader])[] = [
  ['run', 'Create a container and run a command in it', () => import('./run/run.ts')],
  ['exec', 'Run a command in a running container', () => import('./join/exec.ts')],
  ['ps', 'List containers', () => import('./look/ps.ts')],
  ['images', 'List images', () => import('./images/images.ts')],
  ['attach', 'Join our streams with a running container', () => import('./join/attach.ts')],
  ['commit', 'Make an image from a container', () => import('./images/commit.ts')],
  ['completion', 'Print a completion script', () => import('./system/completion.ts')],
  ['cp', 'Copy files into a container or out of it', () => import('./files/cp.ts')],
  ['create', 'Create a container', () => import('./run/create.ts')],
  ['diff', 'Show what a container has changed', () => import('./files/diff.ts')],
  ['events', 'Show what happens', () => import('./system/events.ts')],
  ['explain', 'Show how a container was started', () => import('./own/explain.ts')],
  ['export', 'Write a container’s files as a tar', () => import('./files/export.ts')],
  ['graph', 'Show names, links and images as a tree', () => import('./own/graph.ts')],
  ['history', 'Show how an image was made', () => import('./images/history.ts')],
  ['import', 'Make an image from a tar of files', () => import('./images/import.ts')],
  ['info', 'Show what the engine has', () => import('./system/info.ts')],
  ['inspect', 'Show all about an object', () => import('./look/inspect.ts')],
  ['jobs', 'Show what the engine is working on', () => import('./own/jobs.ts')],
  ['kill', 'Send a signal to containers', () => import('./life/kill.ts')],
  ['load', 'Load images from a tar', () => import('./images/load.ts')],
  ['login', 'Log in to a registry', () => session('login')],
  ['logout', 'Log out from a registry', () => session('logout')],
  ['logs', 'Show what a container has written', () => import('./look/logs.ts')],
  ['pause', 'Freeze containers', () => import('./life/pause.ts')],
  ['port', 'Show published ports', () => import('./look/port.ts')],
  ['pull', 'Get an image from a registry', () => import('./registry/pull.ts')],
  ['push', 'Bring an image to a registry', () => import('./registry/push.ts')],
  ['rename', 'Rename a container', () => import('./life/rename.ts')],
  ['restart', 'Restart containers', () => import('./life/restart.ts')],
  ['rm', 'Remove containers', () => import('./life/rm.ts')],
  ['rmi', 'Remove images', () => import('./images/rmi.ts')],
  ['save', 'Write images as a tar', () => import('./images/save.ts')],
  ['search', 'Look for images in a registry', () => import('./registry/search.ts')],
  ['start', 'Start containers', () => import('./join/start.ts')],
  ['stats', 'Show what containers use', () => import('./look/stats.ts')],
  ['stop', 'Stop containers', () => import('./life/stop.ts')],
  ['tag', 'Give an image another name', () => import('./images/tag.ts')],
  ['top', 'Show the processes of a container', () => import('./look/top.ts')],
  ['unpause', 'Let frozen containers go on', () => import('./life/unpause.ts')],
  ['update', 'Change the limits of containers', () => import('./life/update.ts')],
  ['version', 'Show our version and the engine’s', () => import('./system/version.ts')],
  ['wait', 'Wait for containers to end, and print how', () => import('./life/wait.ts')],
  ['container inspect', 'Show all about containers', () => inspect('container')],
  ['container prune', 'Remove all that are stopped', () => prune('container')],
  ['image init', 'Make busybox from this machine’s', () => import('./own/init.ts')],
  ['image inspect', 'Show all about images', () => inspect('image')],
  ['image prune', 'Remove unused images', () => prune('image')],
  ['network connect', 'Connect a container', () => network('connect')],
  ['network create', 'Create a network', () => network('create')],
  ['network disconnect', 'Disconnect a container', () => network('disconnect')],
  ['network inspect', 'Show all about networks', () => network('inspect')],
  ['network ls', 'List networks', () => network('ls')],
  ['network prune', 'Remove unused networks', () => prune('network')],
  ['network rm', 'Remove networks', () => network('rm')],
  ['system df', 'Show what takes space', () => import('./system/df.ts')],
  ['system prune', 'Remove unused data', () => prune('system')],
  ['volume create', 'Create a volume', () => volume('create')],
  ['volume inspect', 'Show all about volumes', () => volume('inspect')],
  ['volume ls', 'List volumes', () => volume('ls')],
  ['volume prune', 'Remove unused volumes', () => prune('volume')],
  ['volume rm', 'Remove volumes', () => volume('rm')],
];

type VerbOf<Module extends () => Promise<object>> = keyof Awaited<ReturnType<Module>>;

async function session(verb: VerbOf<typeof registry>) {
  return { run: (await registry())[verb] };
}

async function network(verb: VerbOf<typeof networks>) {
  return { run: (await networks())[verb] };
}

async function volume(verb: VerbOf<typeof volumes>) {
  return { run: (await volumes())[verb] };
}

async function prune(noun: VerbOf<typeof prunes>) {
  return { run: (await prunes())[noun] };
}

async function inspect(kind: 'container' | 'image') {
  const { run } = await import('./look/inspect.ts');
  const typed: Run = (args, context) => run(['--type', kind, ...args], context);
  return { run: typed };
}

export const table: ReadonlyMap<string, Line> = new Map(
  lines.map(([name, about, load]) => [name, { about, load }]),
);

const ofContainers =
  'attach commit cp create diff exec export kill logs pause port rename restart rm run start ' +
  'stats stop top unpause update wait';
const ofImages = 'history import load pull push save tag';

const same = (group: string, names: string): readonly (readonly [string, string])[] =>
  names.split(' ').map(name => [`${group} ${name}`, name]);

export const otherNames: ReadonlyMap<string, string> = new Map([
  ...same('container', ofContainers),
  ...same('image', ofImages),
  ...same('system', 'events info'),
  ['container ls', 'ps'],
  ['container list', 'ps'],
  ['container ps', 'ps'],
  ['container remove', 'rm'],
  ['image ls', 'images'],
  ['image list', 'images'],
  ['image rm', 'rmi'],
  ['image remove', 'rmi'],
  ['network list', 'network ls'],
  ['network remove', 'network rm'],
  ['volume list', 'volume ls'],
  ['volume remove', 'volume rm'],
]);

export const groups: ReadonlyMap<string, string> = new Map([
  ['container', 'Manage containers'],
  ['image', 'Manage images'],
  ['network', 'Manage networks'],
  ['system', 'Manage the engine'],
  ['volume', 'Manage volumes'],
]);
