// slipway create IMAGE [COMMAND] [ARGUMENTS]

import { grammar, parse, type Run } from '../../command.ts';
import { Failure } from '../../failure.ts';
import { type RunFlags, withRunFlags } from './flags.ts';
import { makeContainer, withHelp } from './making.ts';

export const run: Run = async (args, context) => {
  const command = withRunFlags(
    grammar('create [OPTIONS] IMAGE [COMMAND] [ARG...]', 'Create a container'),
  );
  const { options, args: words } = parse<RunFlags>(command, args, 1);
  const [image = '', ...program] = words;
  const id = await makeContainer(context, options, image, program).catch((error: unknown) => {
    // What the engine objects to is said as it is.
    const isOurs = error instanceof Failure && error.exitStatus === 125;
    return isOurs ? withHelp('create')(error) : Promise.reject(error);
  });
  context.out.write(`${id}\n`);
  return 0;
};
