// slipway rename CONTAINER NAME

import { grammar, parse, type Run } from '../../command.ts';

export const run: Run = async (args, { api }) => {
  const command = grammar('rename CONTAINER NEW_NAME', 'Rename a container');
  const { args: names } = parse(command, args, 2, 2);
  const [container = '', name = ''] = names;
  await api.json({ method: 'POST', path: `/containers/${container}/rename`, query: { name } });
  return 0;
};
