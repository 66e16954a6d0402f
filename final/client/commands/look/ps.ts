// slipway ps
//
// - `run`   the containers, the newest first; where a person looks, in the colour of their state

import { z } from 'zod';
import { grammar, parse, type Run } from '../../command.ts';
import { labelsText, printList, type Row } from '../../output/list.ts';
import { goTime, humanAge, humanSize } from '../../output/units.ts';
import { integer } from '../run/values.ts';
import { filter, filtersOf } from './filters.ts';

interface Options {
  readonly all?: boolean;
  readonly quiet?: boolean;
  readonly size?: boolean;
  readonly trunc: boolean;
  readonly last?: number;
  readonly latest?: boolean;
  readonly filter: readonly string[];
  readonly format?: string;
}

const port = z.object({
  IP: z.string().optional(),
  PrivatePort: z.number(),
  PublicPort: z.number().optional(),
  Type: z.string(),
});

const container = z.object({
  Id: z.string(),
  Names: z.array(z.string()),
  Image: z.string(),
  Command: z.string(),
  Created: z.number(),
  State: z.string(),
  Status: z.string(),
  Labels: z.record(z.string(), z.string()).nullish(),
  Ports: z.array(port).nullish(),
  Mounts: z
    .array(
      z.object({
        Name: z.string().optional(),
        Source: z.string(),
        Type: z.string().optional(),
      }),
    )
    .nullish(),
  NetworkSettings: z.object({ Networks: z.record(z.string(), z.unknown()).nullish() }).nullish(),
  SizeRw: z.number().optional(),
  SizeRootFs: z.number().optional(),
});

type Container = z.output<typeof container>;

export const run: Run = async (args, context) => {
  const command = grammar('ps [OPTIONS]', 'List containers')
    .option('-a, --all', 'also those that do not run')
    .option('-q, --quiet', 'ids alone')
    .option('-s, --size', 'with their sizes')
    .option('-n, --last <n>', 'the last n that were created', integer)
    .option('-l, --latest', 'the last one')
    .option('--no-trunc', 'cut nothing')
    .option('-f, --filter <name=value>', 'choose', filter, [])
    .option('--format <template>', 'a template, json, or table');
  const { options } = parse<Options>(command, args, 0, 0);
  const limit = options.latest === true ? 1 : options.last;
  const showsSize = options.size === true || /\.Size\b|json\s+\.\s*\}/.test(options.format ?? '');
  const query = {
    all: options.all ?? limit !== undefined,
    size: showsSize,
    limit,
    filters: filtersOf(options.filter),
  };
  const all = z.array(container).parse(await context.api.json({ path: '/containers/json', query }));
  if (options.quiet === true && options.format === undefined) {
    for (const { Id } of all) context.out.write(`${options.trunc ? Id.slice(0, 12) : Id}\n`);
    return 0;
  }
  const rows = all.map(one => rowOf(one, options.trunc));
  const columns: (readonly [string, string])[] = [
    ['CONTAINER ID', 'ID'],
    ['IMAGE', 'Image'],
    ['COMMAND', 'Command'],
    ['CREATED', 'RunningFor'],
    ['STATUS', 'Status'],
    ['PORTS', 'Ports'],
    ['NAMES', 'Names'],
  ];
  if (options.size === true) columns.push(['SIZE', 'Size']);
  printList(context, { columns, rows, format: options.format, paint: painted });
  return 0;
};

function rowOf(one: Container, cuts: boolean): Row {
  const { Id, Names, Image, Command, Created, State, Status, Labels, Mounts } = one;
  const names = Names.map(name => name.slice(1)).filter(name => !cuts || !name.includes('/'));
  const line = `"${cuts && Command.length > 20 ? `${Command.slice(0, 19)}…` : Command}"`;
  const size = humanSize(one.SizeRw ?? 0, 3);
  const root = one.SizeRootFs === undefined ? '' : ` (virtual ${humanSize(one.SizeRootFs, 3)})`;
  return {
    ID: cuts ? Id.slice(0, 12) : Id,
    Names: names.join(','),
    Image,
    Command: line,
    CreatedAt: goTime(Created),
    RunningFor: `${humanAge(Date.now() / 1000 - Created)} ago`,
    State,
    Status,
    Ports: portsOf(one),
    Labels: labelsText(Labels),
    Label: (key: string) => Labels?.[key] ?? '',
    LocalVolumes: String((Mounts ?? []).filter(({ Type }) => Type === 'volume').length),
    Mounts: (Mounts ?? []).map(({ Name, Source }) => Name || Source).join(','),
    Platform: null,
    Networks: Object.keys(one.NetworkSettings?.Networks ?? {}).join(','),
    Size: `${size}${root}`,
  };
}

function portsOf({ Ports }: Container): string {
  const shown = (Ports ?? []).map(({ IP = '', PrivatePort, PublicPort, Type }) => {
    const inside = `${PrivatePort}/${Type}`;
    if (PublicPort === undefined) return inside;
    return `${IP.includes(':') ? `[${IP}]` : IP}:${PublicPort}->${inside}`;
  });
  return shown.join(', ');
}

/** How it is shows in the colour of its line. */
function painted(row: Row): 'green' | 'red' | 'gray' {
  const status = String(row['Status']);
  if (status.startsWith('Up')) return 'green';
  return /^Exited \([^0]/.test(status) ? 'red' : 'gray';
}
