// slipway volume ls|create|rm|inspect|prune
//
// - `run`   each verb is a command of its own, in docker's words

import { z } from 'zod';
import { collect, grammar, parse, type Run } from '../../command.ts';
import { printList } from '../../output/list.ts';
import { humanSize } from '../../output/units.ts';
import { forEach } from '../life/for-each.ts';
import { filtersOf } from '../look/filters.ts';
import { run as inspect } from '../look/inspect.ts';
import { pairs } from '../run/values.ts';
import { verbs } from './verbs.ts';

const volumes = z.object({
  Volumes: z.array(z.object({ Name: z.string(), Driver: z.string() })).nullish(),
});

const ls: Run = async (args, context) => {
  const command = grammar('volume ls [OPTIONS]', 'List volumes')
    .option('-q, --quiet', 'names alone')
    .option('-f, --filter <name=value>', 'choose', collect, [])
    .option('--format <template>', 'a template, json, or table');
  const { options } = parse<{
    readonly quiet?: boolean;
    readonly filter: readonly string[];
    readonly format?: string;
  }>(command, args, 0, 0);
  const query = { filters: filtersOf(options.filter) };
  const { Volumes } = volumes.parse(await context.api.json({ path: '/volumes', query }));
  const rows = (Volumes ?? []).toSorted((a, b) => (a.Name < b.Name ? -1 : 1));
  if (options.quiet === true) {
    for (const { Name } of rows) context.out.write(`${Name}\n`);
    return 0;
  }
  const columns = [
    ['DRIVER', 'Driver'],
    ['VOLUME NAME', 'Name'],
  ] as const;
  printList(context, { columns, rows, format: options.format });
  return 0;
};

interface CreateOptions {
  readonly driver: string;
  readonly opt: readonly string[];
  readonly label: readonly string[];
}

const create: Run = async (args, { api, out }) => {
  const command = grammar('volume create [OPTIONS] [VOLUME]', 'Create a volume')
    .option('-d, --driver <name>', 'driver', 'local')
    .option('-o, --opt <name=value>', 'option of the driver', collect, [])
    .option('--label <name=value>', 'label', collect, []);
  const { options, args: names } = parse<CreateOptions>(command, args, 0, 1);
  const body = {
    Name: names[0] ?? '',
    Driver: options.driver,
    DriverOpts: pairs(options.opt),
    Labels: pairs(options.label),
  };
  const made = await api.json({ method: 'POST', path: '/volumes/create', body });
  out.write(`${z.object({ Name: z.string() }).parse(made).Name}\n`);
  return 0;
};

const rm: Run = (args, context) => {
  const command = grammar('volume rm [OPTIONS] VOLUME [VOLUME...]', 'Remove volumes').option(
    '-f, --force',
    'not there is no failure',
  );
  const { options, args: names } = parse<{ readonly force?: boolean }>(command, args, 1);
  const query = { force: options.force };
  return forEach(context, names, name =>
    context.api.json({ method: 'DELETE', path: `/volumes/${name}`, query }),
  );
};

const prune: Run = async (args, { api, out }) => {
  const command = grammar('volume prune [OPTIONS]', 'Remove volumes that nobody uses')
    .option('-f, --force', 'ask nothing')
    .option('-a, --all', 'also those with a name');
  const { options } = parse<{ readonly all?: boolean }>(command, args, 0, 0);
  const query = { filters: filtersOf(options.all === true ? ['all=true'] : []) };
  const answer = await api.json({ method: 'POST', path: '/volumes/prune', query });
  const gone = z
    .object({ VolumesDeleted: z.array(z.string()).nullish(), SpaceReclaimed: z.number() })
    .parse(answer);
  for (const name of gone.VolumesDeleted ?? []) out.write(`${name}\n`);
  out.write(`Total reclaimed space: ${humanSize(gone.SpaceReclaimed)}\n`);
  return 0;
};

export const run = verbs('volume', {
  ls,
  create,
  rm,
  prune,
  inspect: (args, context) => inspect(['--type', 'volume', ...args], context),
});
