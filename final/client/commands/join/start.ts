// slipway start CONTAINER...

import { z } from 'zod';
import { grammar, parse, type Run } from '../../command.ts';
import { forEach } from '../life/for-each.ts';
import { runJoined, startOrFail } from './joined.ts';

interface Options {
  readonly attach?: boolean;
  readonly interactive?: boolean;
  readonly detachKeys?: string;
}

const inspected = z.object({
  Id: z.string(),
  Config: z.object({ Tty: z.boolean(), OpenStdin: z.boolean() }),
  HostConfig: z.object({ AutoRemove: z.boolean() }),
});

export const run: Run = async (args, context) => {
  const command = grammar('start [OPTIONS] CONTAINER [CONTAINER...]', 'Start containers')
    .option('-a, --attach', 'join its output with ours')
    .option('-i, --interactive', 'and its input')
    .option('--detach-keys <keys>', 'keys that leave it running');
  const { options, args: names } = parse<Options>(command, args, 1);
  const { api, err } = context;
  if (options.attach !== true && options.interactive !== true) {
    const failed: string[] = [];
    const status = await forEach(context, names, name =>
      api.json({ method: 'POST', path: `/containers/${name}/start` }).catch((error: unknown) => {
        failed.push(name);
        throw error;
      }),
    );
    if (status !== 0) err.write(`Error: failed to start containers: ${failed.join(', ')}\n`);
    return status;
  }
  const found = await api.json({ path: `/containers/${names[0] ?? ''}/json` });
  const { Id, Config, HostConfig } = inspected.parse(found);
  const takesInput = options.interactive === true && Config.OpenStdin;
  return runJoined(context, Id, {
    streams: new Set(['stdout', 'stderr', ...(takesInput ? ['stdin'] : [])]),
    isTerminal: Config.Tty,
    isRemoved: HostConfig.AutoRemove,
    forwards: true,
    start: () => startOrFail(context, Id),
    detachKeys: options.detachKeys,
  });
};
