// slipway images [REPOSITORY[:TAG]]
//
// - `run`   a line for each name of an image; one without a name has a line as well

import { z } from 'zod';
import { grammar, parse, type Run } from '../../command.ts';
import { printList, type Row } from '../../output/list.ts';
import { goTime, humanAge, humanSize } from '../../output/units.ts';
import { filter, filtersOf } from '../look/filters.ts';

interface Options {
  readonly all?: boolean;
  readonly quiet?: boolean;
  readonly digests?: boolean;
  readonly trunc: boolean;
  readonly filter: readonly string[];
  readonly format?: string;
}

const image = z.object({
  Id: z.string(),
  RepoTags: z.array(z.string()).nullish(),
  RepoDigests: z.array(z.string()).nullish(),
  Created: z.number(),
  Size: z.number(),
});

export const run: Run = async (args, context) => {
  const command = grammar('images [OPTIONS] [REPOSITORY[:TAG]]', 'List images')
    .option('-a, --all', 'also those without a name that others are made of')
    .option('-q, --quiet', 'ids alone')
    .option('--digests', 'with their digests')
    .option('--no-trunc', 'cut nothing')
    .option('-f, --filter <name=value>', 'choose', filter, [])
    .option('--format <template>', 'a template, json, or table');
  const { options, args: names } = parse<Options>(command, args, 0, 1);
  const chosen = names.map(name => `reference=${name}`);
  const query = { all: options.all, filters: filtersOf([...options.filter, ...chosen]) };
  const all = z.array(image).parse(await context.api.json({ path: '/images/json', query }));
  const rows = all.flatMap(one => rowsOf(one, options.trunc));
  if (options.quiet === true) {
    for (const row of rows) context.out.write(`${String(row['ID'])}\n`);
    return 0;
  }
  const digest: readonly (readonly [string, string])[] =
    options.digests === true ? [['DIGEST', 'Digest']] : [];
  const columns = [
    ['REPOSITORY', 'Repository'],
    ['TAG', 'Tag'],
    ...digest,
    ['IMAGE ID', 'ID'],
    ['CREATED', 'CreatedSince'],
    ['SIZE', 'Size'],
  ] as const;
  printList(context, { columns, rows, format: options.format });
  return 0;
};

function rowsOf(one: z.output<typeof image>, cuts: boolean): readonly Row[] {
  const tags = one.RepoTags?.length ? one.RepoTags : ['<none>:<none>'];
  return tags.map(tag => {
    const cut = tag.lastIndexOf(':');
    const repository = tag.slice(0, cut);
    const digest = one.RepoDigests?.find(text => text.startsWith(`${repository}@`));
    return {
      ID: cuts ? one.Id.replace('sha256:', '').slice(0, 12) : one.Id,
      Repository: repository,
      Tag: tag.slice(cut + 1),
      Digest: digest?.split('@')[1] ?? '<none>',
      CreatedSince: `${humanAge(Date.now() / 1000 - one.Created)} ago`,
      CreatedAt: goTime(one.Created),
      Size: humanSize(one.Size, 3),
      ...{ Containers: 'N/A', SharedSize: 'N/A', UniqueSize: 'N/A' },
      VirtualSize: humanSize(one.Size),
    };
  });
}
