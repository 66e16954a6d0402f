// slipway rename CONTAINER NAME

import { Failure } from '../../failure.ts';
import { grammar, parse, type Run } from '../../command.ts';

export const run: Run = async (args, { api }) => {
  const command = grammar('rename CONTAINER NEW_NAME', 'Rename a container');
  const { args: names } = parse(command, args, 2, 2);
  const [container = '', name = ''] = names;
  if (container.trim() === '' || name.trim() === '') {
    throw new Failure('Error: Neither old nor new names may be empty');
  }
  const request = { method: 'POST', path: `/containers/${container}/rename` } as const;
  try {
    await api.json({ ...request, query: { name } });
    return 0;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    throw new Failure(`${error.message}\nError: failed to rename container named ${container}`);
  }
};
