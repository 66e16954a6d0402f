// slipway search TERM

import { z } from 'zod';
import { grammar, parse, type Run } from '../../command.ts';
import { printList } from '../../output/list.ts';
import { filter, filtersOf } from '../look/filters.ts';
import { integer } from '../run/values.ts';

const found = z.array(
  z.object({
    name: z.string(),
    description: z.string(),
    star_count: z.number(),
    is_official: z.boolean(),
  }),
);

interface Options {
  readonly filter: readonly string[];
  readonly limit?: number;
  readonly trunc: boolean;
  readonly format?: string;
}

export const run: Run = async (args, context) => {
  const command = grammar('search [OPTIONS] TERM', 'Look for images in a registry')
    .option('-f, --filter <name=value>', 'choose', filter, [])
    .option('--limit <n>', 'so many at most', integer)
    .option('--no-trunc', 'cut nothing')
    .option('--format <template>', 'a template, json, or table');
  const { options, args: terms } = parse<Options>(command, args, 1, 1);
  const query = { term: terms[0], limit: options.limit, filters: filtersOf(options.filter) };
  const rows = found.parse(await context.api.json({ path: '/images/search', query }));
  const cut = (text: string): string =>
    options.trunc && text.length > 45 ? `${text.slice(0, 44)}…` : text;
  printList(context, {
    columns: [
      ['NAME', 'Name'],
      ['DESCRIPTION', 'Description'],
      ['STARS', 'StarCount'],
      ['OFFICIAL', 'IsOfficial'],
    ],
    rows: rows.map(one => ({
      Name: one.name,
      Description: cut(one.description),
      StarCount: String(one.star_count),
      IsOfficial: one.is_official ? '[OK]' : '',
    })),
    format: options.format,
  });
  return 0;
};
