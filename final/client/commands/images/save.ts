// slipway save IMAGE...

import { grammar, parse, type Run } from '../../command.ts';
import { writeTar } from './tar-out.ts';

export const run: Run = async (args, context) => {
  const command = grammar('save [OPTIONS] IMAGE [IMAGE...]', 'Write images as a tar').option(
    '-o, --output <file>',
    'there, not to standard output',
  );
  const { options, args: names } = parse<{ readonly output?: string }>(command, args, 1);
  await writeTar(context, { path: '/images/get', query: { names } }, options.output, 'save image');
  return 0;
};
