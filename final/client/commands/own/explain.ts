// slipway explain CONTAINER: the program of system calls that it was started with
//
// Each step with the time that it took; of one that was never started, what its start would do.

import { grammar, parse, type Run } from '../../command.ts';
import { printSteps, stepsSchema } from './steps.ts';

export const run: Run = async (args, context) => {
  const about = 'Show the program of system calls that a container was started with';
  const command = grammar('explain [OPTIONS] CONTAINER', about).option('--json', 'as JSON');
  const { options, args: names } = parse<{ readonly json?: boolean }>(command, args, 1, 1);
  const path = `/slipway/containers/${names[0] ?? ''}/explain`;
  const steps = await context.api.json({ path });
  if (options.json === true) context.out.write(`${JSON.stringify(steps, null, 2)}\n`);
  else printSteps(context, stepsSchema.parse(steps));
  return 0;
};
