// slipway kill CONTAINER [CONTAINER...]

import { grammar, parse, type Run } from '../../command.ts';
import { forEach } from './for-each.ts';

interface Options {
  readonly signal?: string;
}

export const run: Run = async (args, context) => {
  const command = grammar(
    'kill [OPTIONS] CONTAINER [CONTAINER...]',
    'Send a signal to containers',
  ).option('-s, --signal <signal>', 'by name or number');
  const { options, args: names } = parse<Options>(command, args, 1);
  const query = { signal: options.signal };
  return forEach(context, names, name =>
    context.api.json({ method: 'POST', path: `/containers/${name}/kill`, query }),
  );
};
