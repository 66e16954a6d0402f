// slipway logs CONTAINER

import { once } from 'node:events';
import { z } from 'zod';
import { grammar, parse, type Run } from '../../command.ts';
import { Failure } from '../../failure.ts';
import { demultiplex } from '../../streams/demultiplex.ts';

interface Options {
  readonly follow?: boolean;
  readonly tail?: string;
  readonly timestamps?: boolean;
  readonly details?: boolean;
  readonly since?: string;
  readonly until?: string;
}

const inspected = z.object({ Id: z.string(), Config: z.object({ Tty: z.boolean() }) });

export const run: Run = async (args, { api, out, err }) => {
  const command = grammar('logs [OPTIONS] CONTAINER', 'Show what a container has written')
    .option('-f, --follow', 'and what it writes from now on')
    .option('-n, --tail <n>', 'the last n lines', 'all')
    .option('-t, --timestamps', 'with the time of each line')
    .option('--details', 'with what the log driver adds')
    .option('--since <time>', 'not before: 2026-01-02T15:04:05Z, or 10m')
    .option('--until <time>', 'not after');
  const { options, args: names } = parse<Options>(command, args, 1, 1);
  for (const name of ['since', 'until'] as const) refuseNoTime(name, options[name]);
  const found = inspected.parse(await api.json({ path: `/containers/${names[0] ?? ''}/json` }));
  const answer = await api.stream({
    path: `/containers/${found.Id}/logs`,
    query: { ...options, stdout: true, stderr: true },
  });
  if (!found.Config.Tty) {
    await demultiplex(answer, out, err);
    return 0;
  }
  for await (const piece of answer as AsyncIterable<Buffer>) {
    if (!out.write(piece)) await once(out, 'drain');
  }
  return 0;
};

/** Go's layouts, a duration, or seconds since 1970. */
function refuseNoTime(name: string, text: string | undefined): void {
  if (text === undefined || /^\d{4}-\d\d-\d\d/.test(text) || /^\d+(\.\d+)?$/.test(text)) return;
  if (/^-?([\d.]+(h|ms|us|µs|ns|m|s))+$/.test(text)) return;
  const why = `failed to parse value as time or duration: ${JSON.stringify(text)}`;
  throw new Failure(`invalid value for "${name}": ${why}`);
}
