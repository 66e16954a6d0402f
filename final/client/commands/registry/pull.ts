// slipway pull IMAGE

import { grammar, parse, type Run } from '../../command.ts';
import { pullImage } from './pulling.ts';

export const run: Run = async (args, context) => {
  const command = grammar('pull NAME[:TAG|@DIGEST]', 'Get an image from a registry');
  const { args: names } = parse(command, args, 1, 1);
  await pullImage(context, names[0] ?? '', context.out);
  return 0;
};
