// slipway pause CONTAINER [CONTAINER...]

import { grammar, parse, type Run } from '../../command.ts';
import { forEach } from './for-each.ts';

export const run: Run = async (args, context) => {
  const command = grammar('pause [OPTIONS] CONTAINER [CONTAINER...]', 'Freeze containers');
  const { args: names } = parse<object>(command, args, 1);
  return forEach(context, names, name =>
    context.api.json({ method: 'POST', path: `/containers/${name}/pause` }),
  );
};
