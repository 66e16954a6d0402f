// slipway jobs: what the engine is working on

import { z } from 'zod';
import { grammar, parse, type Run } from '../../command.ts';
import { printList } from '../../output/list.ts';
import { humanAge } from '../../output/units.ts';

const jobs = z.object({
  Names: z.array(z.string()),
  Running: z.array(
    z.object({ Id: z.number(), Name: z.string(), Args: z.array(z.string()), Started: z.string() }),
  ),
});

export const run: Run = async (args, context) => {
  const command = grammar('jobs [OPTIONS]', 'Show what the engine is working on')
    .option('--names', 'what it can be asked for')
    .option('--format <template>', 'a template, json, or table');
  const { options } = parse<{ readonly names?: boolean; readonly format?: string }>(
    command,
    args,
    0,
    0,
  );
  const { Names, Running } = jobs.parse(await context.api.json({ path: '/slipway/jobs' }));
  if (options.names === true) {
    context.out.write(`${Names.join('\n')}\n`);
    return 0;
  }
  const rows = Running.map(({ Id, Name, Args, Started }) => ({
    ID: Id,
    Name,
    Args: Args.join(' '),
    RunningFor: humanAge((Date.now() - Date.parse(Started)) / 1000),
  }));
  const columns = [
    ['JOB', 'ID'],
    ['NAME', 'Name'],
    ['SINCE', 'RunningFor'],
    ['ARGUMENTS', 'Args'],
  ] as const;
  printList(context, { columns, rows, format: options.format });
  return 0;
};
