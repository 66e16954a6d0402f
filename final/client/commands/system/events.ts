// slipway events

import { createInterface } from 'node:readline';
import { z } from 'zod';
import { grammar, parse, type Run } from '../../command.ts';
import { template } from '../../output/template/template.ts';
import { Failure } from '../../failure.ts';
import { filter, filtersOf } from '../look/filters.ts';

interface Options {
  readonly since?: string;
  readonly until?: string;
  readonly filter: readonly string[];
  readonly format?: string;
}

const event = z.looseObject({
  Type: z.string(),
  Action: z.string(),
  Actor: z.object({ ID: z.string(), Attributes: z.record(z.string(), z.string()) }),
});

export const run: Run = async (args, { api, out }) => {
  const command = grammar('events [OPTIONS]', 'Show what happens')
    .option('--since <time>', 'also what has happened since then')
    .option('--until <time>', 'only until then')
    .option('-f, --filter <name=value>', 'choose', filter, [])
    .option('--format <template>', 'a template, or json');
  const { options } = parse<Options>(command, args, 0, 0);
  const { since, until, format } = options;
  for (const text of [since, until]) refuseNoTime(text);
  const query = { since, until, filters: filtersOf(options.filter) };
  const answer = await api.stream({ path: '/events', query });
  const render = format === undefined || format === 'json' ? undefined : template(format).render;
  for await (const line of createInterface({ input: answer })) {
    if (format === 'json') out.write(`${line}\n`);
    else if (render !== undefined) out.write(`${render(JSON.parse(line))}\n`);
    else out.write(`${plain(line)}\n`);
  }
  return 0;
};

/** Seconds, a duration, or what begins as a date. */
function refuseNoTime(text = '0'): void {
  if (/^-?\d+(\.\d+)?$|^-?([\d.]+(h|m|s|ms|us|µs|ns))+$|^\d{4}(-\d\d){0,2}/.test(text)) return;
  throw new Failure(`failed to parse value as time or duration: ${JSON.stringify(text)}`);
}

function plain(line: string): string {
  const { Type, Action, Actor } = event.parse(JSON.parse(line));
  // A number would lose the last digits of the time.
  const [, seconds = '0', fraction = ''] = /"timeNano":(\d+)(\d{9})/.exec(line) ?? [];
  const time = new Date(Number(seconds) * 1000).toISOString().slice(0, 19);
  const attributes = Object.entries(Actor.Attributes).map(([key, value]) => `${key}=${value}`);
  const about = attributes.length > 0 ? ` (${attributes.join(', ')})` : '';
  return `${time}.${fraction}Z ${Type} ${Action} ${Actor.ID}${about}`;
}
