// slipway system df
//
// - `run`   what takes space: in sum, or with `-v` one by one

import { grammar, parse, type Run } from '../../command.ts';
import { printList, type Row } from '../../output/list.ts';
import { template } from '../../output/template/template.ts';
import { humanSize } from '../../output/units.ts';
import { printEach, space, type Space } from './df-each.ts';

interface Options {
  readonly verbose?: boolean;
  readonly format?: string;
}

export const run: Run = async (args, context) => {
  const command = grammar('system df [OPTIONS]', 'Show what takes space')
    .option('-v, --verbose', 'one by one')
    .option('--format <template>', 'a template, json, or table');
  const { options } = parse<Options>(command, args, 0, 0);
  const found = space.parse(await context.api.json({ path: '/system/df' }));
  if (options.verbose === true) {
    if (options.format === undefined) printEach(context, found);
    else context.out.write(`${template(options.format).render(found)}\n`);
    return 0;
  }
  printList(context, {
    columns: [
      ['TYPE', 'Type'],
      ['TOTAL', 'TotalCount'],
      ['ACTIVE', 'Active'],
      ['SIZE', 'Size'],
      ['RECLAIMABLE', 'Reclaimable'],
    ],
    rows: sums(found),
    format: options.format,
  });
  return 0;
};

function sums(found: Space): readonly Row[] {
  const { Images, Containers, Volumes, BuildCache, LayersSize } = found;
  const used = Images.filter(({ Containers: users }) => users > 0);
  const own = used.filter(({ Size, SharedSize }) => Size !== -1 && SharedSize !== -1);
  const inUse = sum(own.map(({ Size, SharedSize }) => Size - SharedSize));
  const running = Containers.filter(({ State }) => /running|paused|restarting/.test(State));
  const idle = Containers.filter(one => !running.includes(one));
  const busy = Volumes.filter(({ UsageData }) => UsageData.RefCount > 0);
  const free = Volumes.filter(({ UsageData }) => UsageData.RefCount === 0);
  const sizes = (volumes: Space['Volumes']): number =>
    sum(volumes.map(({ UsageData: { Size } }) => Math.max(Size, 0)));
  const cached = sum(BuildCache.map(({ Size }) => Size));
  return [
    row('Images', Images.length, used.length, LayersSize, LayersSize - inUse),
    row(
      ...(['Containers', Containers.length, running.length] as const),
      ...([sum(Containers.map(sizeOf)), sum(idle.map(sizeOf))] as const),
    ),
    row('Local Volumes', Volumes.length, busy.length, sizes(Volumes), sizes(free)),
    { ...row('Build Cache', BuildCache.length, 0, cached, cached), Reclaimable: humanSize(cached) },
  ];
}

function sizeOf({ SizeRw }: Space['Containers'][number]): number {
  return SizeRw;
}

function sum(values: readonly number[]): number {
  return values.reduce((all, value) => all + value, 0);
}

function row(type: string, total: number, active: number, bytes: number, free: number): Row {
  const share = bytes > 0 ? ` (${Math.floor((free / bytes) * 100)}%)` : '';
  return {
    Active: String(active),
    Reclaimable: `${humanSize(free)}${share}`,
    Size: humanSize(bytes),
    TotalCount: String(total),
    Type: type,
  };
}
