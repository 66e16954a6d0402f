// slipway network ls|create|rm|inspect|connect|disconnect|prune
//
// - `run`   each verb is a command of its own, in docker's words

import { z } from 'zod';
import { collect, grammar, parse, type Run } from '../../command.ts';
import { printList } from '../../output/list.ts';
import { forEach } from '../life/for-each.ts';
import { filtersOf } from '../look/filters.ts';
import { run as inspect } from '../look/inspect.ts';
import { pairs } from '../run/values.ts';
import { verbs } from './verbs.ts';

const network = z.object({
  Id: z.string(),
  Name: z.string(),
  Driver: z.string(),
  Scope: z.string(),
});

const ls: Run = async (args, context) => {
  const command = grammar('network ls [OPTIONS]', 'List networks')
    .option('-q, --quiet', 'ids alone')
    .option('-f, --filter <name=value>', 'choose', collect, [])
    .option('--format <template>', 'a template, json, or table');
  const { options } = parse<{
    readonly quiet?: boolean;
    readonly filter: readonly string[];
    readonly format?: string;
  }>(command, args, 0, 0);
  const query = { filters: filtersOf(options.filter) };
  const all = z.array(network).parse(await context.api.json({ path: '/networks', query }));
  const rows = all
    .map(({ Id, Name, Driver, Scope }) => ({ ID: Id.slice(0, 12), Name, Driver, Scope }))
    .toSorted((a, b) => (a.Name < b.Name ? -1 : 1));
  if (options.quiet === true) {
    for (const { ID } of rows) context.out.write(`${ID}\n`);
    return 0;
  }
  const columns = [
    ['NETWORK ID', 'ID'],
    ['NAME', 'Name'],
    ['DRIVER', 'Driver'],
    ['SCOPE', 'Scope'],
  ] as const;
  printList(context, { columns, rows, format: options.format });
  return 0;
};

interface CreateOptions {
  readonly driver: string;
  readonly subnet: readonly string[];
  readonly gateway: readonly string[];
  readonly ipRange: readonly string[];
  readonly internal?: boolean;
  readonly opt: readonly string[];
  readonly label: readonly string[];
}

const create: Run = async (args, { api, out }) => {
  const command = grammar('network create [OPTIONS] NETWORK', 'Create a network')
    .option('-d, --driver <name>', 'driver', 'bridge')
    .option('--subnet <network>', 'its addresses', collect, [])
    .option('--gateway <address>', 'the engine’s own among them', collect, [])
    .option('--ip-range <network>', 'those for containers', collect, [])
    .option('--internal', 'no way out')
    .option('-o, --opt <name=value>', 'option of the driver', collect, [])
    .option('--label <name=value>', 'label', collect, []);
  const { options, args: names } = parse<CreateOptions>(command, args, 1, 1);
  const Config = options.subnet.map((Subnet, index) => ({
    Subnet,
    ...(options.gateway[index] !== undefined && { Gateway: options.gateway[index] }),
    ...(options.ipRange[index] !== undefined && { IPRange: options.ipRange[index] }),
  }));
  const body = {
    Name: names[0],
    Driver: options.driver,
    Internal: options.internal ?? false,
    IPAM: { Driver: 'default', Options: {}, Config },
    Options: pairs(options.opt),
    Labels: pairs(options.label),
  };
  const made = await api.json({ method: 'POST', path: '/networks/create', body });
  out.write(`${z.object({ Id: z.string() }).parse(made).Id}\n`);
  return 0;
};

const rm: Run = (args, context) => {
  const command = grammar('network rm NETWORK [NETWORK...]', 'Remove networks');
  const { args: names } = parse(command, args, 1);
  return forEach(context, names, name =>
    context.api.json({ method: 'DELETE', path: `/networks/${name}` }),
  );
};

const connect: Run = async (args, { api }) => {
  const command = grammar('network connect [OPTIONS] NETWORK CONTAINER', 'Connect a container')
    .option('--alias <name>', 'further name', collect, [])
    .option('--ip <address>', 'its address');
  const { options, args: names } = parse<{
    readonly alias: readonly string[];
    readonly ip?: string;
  }>(command, args, 2, 2);
  const [name = '', Container] = names;
  const address = options.ip === undefined ? {} : { IPAMConfig: { IPv4Address: options.ip } };
  const body = { Container, EndpointConfig: { Aliases: options.alias, ...address } };
  await api.json({ method: 'POST', path: `/networks/${name}/connect`, body });
  return 0;
};

const disconnect: Run = async (args, { api }) => {
  const command = grammar('network disconnect [OPTIONS] NETWORK CONTAINER', 'Disconnect it').option(
    '-f, --force',
    'whatever state it is in',
  );
  const { options, args: names } = parse<{ readonly force?: boolean }>(command, args, 2, 2);
  const [name = '', Container] = names;
  const body = { Container, Force: options.force ?? false };
  await api.json({ method: 'POST', path: `/networks/${name}/disconnect`, body });
  return 0;
};

const prune: Run = async (args, { api, out }) => {
  parse(
    grammar('network prune', 'Remove networks that nobody uses').option('-f, --force'),
    args,
    0,
    0,
  );
  const answer = await api.json({ method: 'POST', path: '/networks/prune' });
  const gone = z.object({ NetworksDeleted: z.array(z.string()).nullish() }).parse(answer);
  for (const name of gone.NetworksDeleted ?? []) out.write(`${name}\n`);
  return 0;
};

export const run = verbs('network', {
  ls,
  create,
  rm,
  connect,
  disconnect,
  prune,
  inspect: (args, context) => inspect(['--type', 'network', ...args], context),
});
