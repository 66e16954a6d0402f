// slipway create IMAGE [COMMAND] [ARGUMENTS]

import { grammar, parse, type Run } from '../../command.ts';
import { type RunFlags, withRunFlags } from './flags.ts';
import { makeContainer } from './making.ts';

export const run: Run = async (args, context) => {
  const command = withRunFlags(
    grammar('create [OPTIONS] IMAGE [COMMAND] [ARG...]', 'Create a container'),
  );
  const { options, args: words } = parse<RunFlags>(command, args, 1);
  const [image = '', ...program] = words;
  context.out.write(`${await makeContainer(context, options, image, program)}\n`);
  return 0;
};
