// slipway export CONTAINER

import { grammar, parse, type Run } from '../../command.ts';
import { writeTar } from '../images/tar-out.ts';

export const run: Run = async (args, context) => {
  const command = grammar(
    'export [OPTIONS] CONTAINER',
    'Write a container’s files as a tar',
  ).option('-o, --output <file>', 'there, not to standard output');
  const { options, args: names } = parse<{ readonly output?: string }>(command, args, 1, 1);
  await writeTar(
    context,
    { path: `/containers/${names[0] ?? ''}/export` },
    options.output,
    'export container',
  );
  return 0;
};
