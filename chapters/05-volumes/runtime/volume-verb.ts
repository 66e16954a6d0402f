// `run.ts volume create|ls|inspect|rm|prune`, as `docker volume` has them.
//
// - `volumeVerb(command, words, volumes)`: prints the answer → the exit status
//
// Like Docker's, rm goes on after a volume that it could not remove, and says so at the
// end by its status.

import type { Command } from 'commander';
import { UsageError } from '@slipway/namespaces';
import { VolumeError } from '../store/errors.ts';
import type { VolumeStore } from '../store/volume-store.ts';

/** What the verbs need of a store. */
type Volumes = Pick<
  VolumeStore,
  'create' | 'createAnonymous' | 'inspect' | 'list' | 'prune' | 'remove' | 'users'
>;

type Print = (text: string) => void;
const print: Print = text => void process.stdout.write(text);

export function volumeVerb(
  command: Command,
  words: readonly string[],
  volumes: Volumes,
): number {
  const parsed = command
    .argument('<create|ls|inspect|rm|prune>')
    .argument('[names...]')
    .passThroughOptions(false)
    .option('-q, --quiet', 'only the names')
    .option('-a, --all', 'prune those with a name as well')
    .parse(words, { from: 'user' });
  const [verb = '', ...names] = parsed.args;
  const flags = parsed.opts<{ quiet?: true; all?: true }>();
  switch (verb) {
    case 'create':
      return create(names, volumes);
    case 'ls':
      return list(volumes, flags.quiet ?? false);
    case 'inspect':
      print(
        `${JSON.stringify(some(names, verb).map(describe(volumes)), undefined, 4)}\n`,
      );
      return 0;
    case 'rm':
      return remove(some(names, verb), volumes);
    case 'prune':
      for (const name of volumes.prune(flags.all ?? false)) print(`${name}\n`);
      return 0;
    default:
      throw new UsageError(`volume ${verb}: create, ls, inspect, rm or prune`);
  }
}

function create(names: readonly string[], volumes: Volumes): number {
  const [name, ...more] = names;
  if (more.length > 0) throw new UsageError('volume create: one name at a time');
  print(
    `${(name === undefined ? volumes.createAnonymous() : volumes.create(name)).name}\n`,
  );
  return 0;
}

function list(volumes: Volumes, quiet: boolean): number {
  const rows = volumes.list().map(({ name }) => name);
  if (quiet) print(rows.map(name => `${name}\n`).join(''));
  else
    print(
      ['DRIVER    VOLUME NAME', ...rows.map(name => `local     ${name}`), ''].join(
        '\n',
      ),
    );
  return 0;
}

function describe(volumes: Volumes): (name: string) => unknown {
  return name => {
    const { createdAt, labels, mountpoint } = volumes.inspect(name);
    return {
      CreatedAt: createdAt,
      Driver: 'local',
      Labels: labels,
      Mountpoint: mountpoint,
      Name: name,
      Options: {},
      Scope: 'local',
      UsageData: { RefCount: volumes.users(name).length },
    };
  };
}

function remove(names: readonly string[], volumes: Volumes): number {
  let status = 0;
  for (const name of names) {
    try {
      volumes.remove(name);
      print(`${name}\n`);
    } catch (error) {
      if (!(error instanceof VolumeError)) throw error;
      process.stderr.write(`slipway: ${error.message}\n`);
      status = 1;
    }
  }
  return status;
}

function some(names: readonly string[], verb: string): readonly string[] {
  if (names.length === 0)
    throw new UsageError(`volume ${verb}: write at least one name`);
  return names;
}
