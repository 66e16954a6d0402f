// slipway history IMAGE
//
// - `run`   the steps that it was made by, the last first

import { z } from 'zod';
import { grammar, parse, type Run } from '../../command.ts';
import { printList } from '../../output/list.ts';
import { humanAge, humanSize } from '../../output/units.ts';

interface Options {
  readonly quiet?: boolean;
  readonly trunc: boolean;
  readonly human?: boolean;
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
    .option('-H, --human', 'sizes and ages for people')
    .option('--format <template>', 'a template, json, or table');
  const { options, args: names } = parse<Options>(command, args, 1, 1);
  const isForPeople = options.human ?? true;
  const found = await context.api.json({ path: `/images/${names[0] ?? ''}/history` });
  const rows = z
    .array(step)
    .parse(found)
    .map(one => {
      const by = one.CreatedBy.replaceAll('\t', ' ');
      const id = options.trunc ? one.Id.replace('sha256:', '').slice(0, 12) : one.Id;
      return {
        ID: one.Id === '<missing>' ? one.Id : id,
        CreatedSince: isForPeople ? since(one.Created) : at(one.Created),
        CreatedAt: at(one.Created),
        CreatedBy: options.trunc && by.length > 45 ? `${by.slice(0, 44)}…` : by,
        Size: isForPeople ? humanSize(one.Size, 3) : String(one.Size),
        Comment: one.Comment,
      };
    });
  if (options.quiet === true) {
    for (const { ID } of rows) context.out.write(`${ID}\n`);
    return 0;
  }
  const columns = [
    ['IMAGE', 'ID'],
    [isForPeople ? 'CREATED' : 'CREATED AT', 'CreatedSince'],
    ['CREATED BY', 'CreatedBy'],
    ['SIZE', 'Size'],
    ['COMMENT', 'Comment'],
  ] as const;
  printList(context, { columns, rows, format: options.format });
  return 0;
};

/** An image that says no time was made at no time. */
function since(created: number): string {
  return created <= 0 ? 'N/A' : `${humanAge(Date.now() / 1000 - created)} ago`;
}

function at(created: number): string {
  return new Date(created * 1000).toISOString().replace('.000Z', 'Z');
}
