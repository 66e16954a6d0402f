// slipway stop CONTAINER [CONTAINER...]

import { grammar, parse, type Run } from '../../command.ts';
import { integer } from '../run/values.ts';
import { forEach } from './for-each.ts';

interface Options {
  readonly timeout?: number;
  readonly time?: number;
  readonly signal?: string;
}

export const run: Run = async (args, context) => {
  const command = grammar('stop [OPTIONS] CONTAINER [CONTAINER...]', 'Stop containers')
    .option('-t, --timeout <seconds>', 'how long to wait before it is killed', integer)
    .option('--time <seconds>', 'the same', integer)
    .option('-s, --signal <signal>', 'how to ask it');
  const { options, args: names } = parse<Options>(command, args, 1);
  const query = { t: options.timeout ?? options.time, signal: options.signal };
  return forEach(context, names, name =>
    context.api.json({ method: 'POST', path: `/containers/${name}/stop`, query }),
  );
};
