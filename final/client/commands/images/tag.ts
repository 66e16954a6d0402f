// slipway tag IMAGE NAME[:TAG]

import { Failure } from '../../failure.ts';
import { wrongReference } from './reference.ts';
import { grammar, parse, type Run } from '../../command.ts';

export const run: Run = async (args, { api }) => {
  const command = grammar(
    'tag SOURCE_IMAGE[:TAG] TARGET_IMAGE[:TAG]',
    'Give an image another name',
  );
  const { args: names } = parse(command, args, 2, 2);
  const [source = '', target = ''] = names;
  const why = wrongReference(target);
  if (why !== undefined) {
    throw new Failure(`Error parsing reference: "${target}" is not a valid repository/tag: ${why}`);
  }
  const [, repo = target, tag] = /^(.+?)(?::([^:/]+))?$/.exec(target) ?? [];
  await api.json({ method: 'POST', path: `/images/${source}/tag`, query: { repo, tag } });
  return 0;
};
