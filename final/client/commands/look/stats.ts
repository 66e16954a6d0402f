// slipway stats [CONTAINER...]
//
// - `run`   what they use, once or again and again
//
// Each container's numbers come on a stream of its own, one a second. The screen is drawn anew as
// they come; where nobody looks, each drawing follows the last.

import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { grammar, parse, type Context, type Run } from '../../command.ts';
import { printList, type Row } from '../../output/list.ts';
import { emptyRow, rowOf, sample } from './usage.ts';

interface Options {
  readonly all?: boolean;
  readonly stream: boolean;
  readonly trunc: boolean;
  readonly format?: string;
}

const listed = z.array(z.object({ Id: z.string() }));

export const run: Run = async (args, context) => {
  const command = grammar('stats [OPTIONS] [CONTAINER...]', 'Show what containers use')
    .option('-a, --all', 'also those that do not run')
    .option('--no-stream', 'once')
    .option('--no-trunc', 'cut nothing')
    .option('--format <template>', 'a template, json, or table');
  const { options, args: names } = parse<Options>(command, args);
  const wanted = names.length > 0 ? names : await everyOne(context, options);
  if (!options.stream) {
    const rows = await Promise.all(wanted.map(name => once(context, name, options)));
    print(context, rows, options);
    return 0;
  }
  return watch(context, wanted, options);
};

async function everyOne({ api }: Context, { all }: Options): Promise<readonly string[]> {
  const found = await api.json({ path: '/containers/json', query: { all } });
  return listed.parse(found).map(({ Id }) => Id);
}

async function once({ api }: Context, name: string, { trunc }: Options): Promise<Row> {
  const answer = await api.json({ path: `/containers/${name}/stats`, query: { stream: '0' } });
  return rowOf(name, sample.parse(answer), trunc);
}

/** Until we are stopped, or all of those that were named have gone. */
async function watch(
  context: Context,
  names: readonly string[],
  options: Options,
): Promise<number> {
  const rows = new Map<string, Row>(names.map(name => [name, emptyRow(name)]));
  const ended = Promise.all(names.map(name => follow(context, name, rows, options)));
  const over = ended.then(() => true);
  do {
    if (context.out.isTTY) context.out.write('\u001B[H\u001B[J');
    print(context, [...rows.values()], options);
  } while (!(await Promise.race([sleep(500, false), over])));
  return 0;
}

async function follow(
  { api }: Context,
  name: string,
  rows: Map<string, Row>,
  { trunc }: Options,
): Promise<void> {
  const answer = await api.stream({ path: `/containers/${name}/stats`, query: { stream: '1' } });
  for await (const line of createInterface({ input: answer })) {
    if (line.trim() !== '') rows.set(name, rowOf(name, sample.parse(JSON.parse(line)), trunc));
  }
  rows.delete(name);
}

function print(context: Context, rows: readonly Row[], { format }: Options): void {
  printList(context, {
    columns: [
      ['CONTAINER ID', 'ID'],
      ['NAME', 'Name'],
      ['CPU %', 'CPUPerc'],
      ['MEM USAGE / LIMIT', 'MemUsage'],
      ['MEM %', 'MemPerc'],
      ['NET I/O', 'NetIO'],
      ['BLOCK I/O', 'BlockIO'],
      ['PIDS', 'PIDs'],
    ],
    rows,
    format,
  });
}
