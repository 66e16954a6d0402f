// slipway network ls|create|rm|inspect|connect|disconnect
//
// - `ls`, `create`, `rm`, `inspect`, `connect`, `disconnect`   each a command in docker's words

import { z } from 'zod';
import { collect, grammar, parse, type Run } from '../../command.ts';
import { labelsText } from '../../output/list.ts';
import { pairs } from '../run/values.ts';
import { inspecting, listing, named, removing, type Noun } from './listing.ts';

const network = z.object({
  Id: z.string(),
  Name: z.string(),
  Driver: z.string(),
  Scope: z.string(),
  Created: z.string(),
  Internal: z.boolean(),
  EnableIPv6: z.boolean(),
  EnableIPv4: z.boolean().default(true),
  Labels: z.record(z.string(), z.string()).nullish(),
});

const noun: Noun = {
  name: 'network',
  key: 'ID',
  columns: [
    ['NETWORK ID', 'ID'],
    ['NAME', 'Name'],
    ['DRIVER', 'Driver'],
    ['SCOPE', 'Scope'],
  ],
  rows: (answer, cuts) =>
    z
      .array(network)
      .parse(answer)
      .map(one => ({
        CreatedAt: one.Created.replace('T', ' ').replace(/Z$/, ' +0000 UTC'),
        Driver: one.Driver,
        ID: cuts ? one.Id.slice(0, 12) : one.Id,
        IPv4: String(one.EnableIPv4),
        IPv6: String(one.EnableIPv6),
        Internal: String(one.Internal),
        Labels: labelsText(one.Labels),
        Name: one.Name,
        Scope: one.Scope,
      })),
};

export const ls = listing(noun);
export const rm = removing(noun);
export const inspect = inspecting(noun);

interface CreateOptions {
  readonly driver: string;
  readonly subnet: readonly string[];
  readonly gateway: readonly string[];
  readonly ipRange: readonly string[];
  readonly auxAddress: readonly string[];
  readonly internal?: boolean;
  readonly attachable?: boolean;
  readonly ipv6?: boolean;
  readonly opt: readonly string[];
  readonly label: readonly string[];
}

export const create: Run = async (args, { api, out }) => {
  const command = grammar('network create [OPTIONS] NETWORK', 'Create a network')
    .option('-d, --driver <name>', 'driver', 'bridge')
    .option('--subnet <network>', 'its addresses', collect, [])
    .option('--gateway <address>', 'the engine’s own among them', collect, [])
    .option('--ip-range <network>', 'those for containers', collect, [])
    .option('--aux-address <name=address>', 'those for nobody', collect, [])
    .option('--internal', 'no way out')
    .option('--attachable', 'containers may be connected by hand')
    .option('--ipv6', 'with addresses of version 6')
    .option('-o, --opt <name=value>', 'option of the driver', collect, [])
    .option('--label <name=value>', 'label', collect, []);
  const { options, args: names } = parse<CreateOptions>(command, args, 1, 1);
  const { auxAddress } = options;
  const Config = options.subnet.map((Subnet, index) => ({
    Subnet,
    ...(options.gateway[index] !== undefined && { Gateway: options.gateway[index] }),
    ...(options.ipRange[index] !== undefined && { IPRange: options.ipRange[index] }),
    ...(index === 0 && auxAddress.length > 0 && { AuxiliaryAddresses: pairs(auxAddress) }),
  }));
  const body = {
    Name: names[0],
    Driver: options.driver,
    Internal: options.internal ?? false,
    Attachable: options.attachable ?? false,
    EnableIPv6: options.ipv6 ?? false,
    IPAM: { Driver: 'default', Options: {}, Config },
    Options: pairs(options.opt),
    Labels: pairs(options.label),
  };
  const made = await api.json({ method: 'POST', path: '/networks/create', body });
  out.write(`${named.parse(made).Id}\n`);
  return 0;
};

interface ConnectOptions {
  readonly alias: readonly string[];
  readonly link: readonly string[];
  readonly ip?: string;
}

export const connect: Run = async (args, { api }) => {
  const command = grammar('network connect [OPTIONS] NETWORK CONTAINER', 'Connect a container')
    .option('--alias <name>', 'further name', collect, [])
    .option('--link <container>', 'name of another container', collect, [])
    .option('--ip <address>', 'its address');
  const { options, args: names } = parse<ConnectOptions>(command, args, 2, 2);
  const [name = '', Container] = names;
  const address = options.ip === undefined ? {} : { IPAMConfig: { IPv4Address: options.ip } };
  const EndpointConfig = { Aliases: options.alias, Links: options.link, ...address };
  const body = { Container, EndpointConfig };
  await api.json({ method: 'POST', path: `/networks/${name}/connect`, body });
  return 0;
};

export const disconnect: Run = async (args, { api }) => {
  const about = 'Disconnect a container';
  const command = grammar('network disconnect [OPTIONS] NETWORK CONTAINER', about).option(
    '-f, --force',
    'whatever state it is in',
  );
  const { options, args: names } = parse<{ readonly force?: boolean }>(command, args, 2, 2);
  const [name = '', Container] = names;
  const body = { Container, Force: options.force ?? false };
  await api.json({ method: 'POST', path: `/networks/${name}/disconnect`, body });
  return 0;
};
