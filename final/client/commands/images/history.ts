// slipway history IMAGE

import { z } from 'zod';
import { grammar, parse, type Run } from '../../command.ts';
import { printList } from '../../output/list.ts';
import { humanAge, humanSize } from '../../output/units.ts';

interface Options {
  readonly quiet?: boolean;
  readonly trunc: boolean;
  readonly format?: string;
}

const step = z.object({
  Id: z.string(),
  Created: z.number(),
  CreatedBy: z.string(),
  Size: z.number(),
  Comment: z.string(),
});

export const run: Run = async (args, context) => {
  const command = grammar('history [OPTIONS] IMAGE', 'Show how an image was made')
    .option('-q, --quiet', 'ids alone')
    .option('--no-trunc', 'cut nothing')
    .option('--format <template>', 'a template, json, or table');
  const { options, args: names } = parse<Options>(command, args, 1, 1);
  const found = await context.api.json({ path: `/images/${names[0] ?? ''}/history` });
  const rows = z
    .array(step)
    .parse(found)
    .map(one => {
      const by = one.CreatedBy.replaceAll('\t', ' ');
      const id = options.trunc ? one.Id.replace('sha256:', '').slice(0, 12) : one.Id;
      return {
        ID: one.Id === '<missing>' ? one.Id : id,
        CreatedSince: `${humanAge(Date.now() / 1000 - one.Created)} ago`,
        CreatedAt: new Date(one.Created * 1000).toISOString(),
        CreatedBy: options.trunc && by.length > 45 ? `${by.slice(0, 44)}…` : by,
        Size: humanSize(one.Size, 3),
        Comment: one.Comment,
      };
    });
  if (options.quiet === true) {
    for (const { ID } of rows) context.out.write(`${ID}\n`);
    return 0;
  }
  const columns = [
    ['IMAGE', 'ID'],
    ['CREATED', 'CreatedSince'],
    ['CREATED BY', 'CreatedBy'],
    ['SIZE', 'Size'],
    ['COMMENT', 'Comment'],
  ] as const;
  printList(context, { columns, rows, format: options.format });
  return 0;
};
