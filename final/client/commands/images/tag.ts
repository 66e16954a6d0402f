// slipway tag IMAGE NAME[:TAG]

import { grammar, parse, type Run } from '../../command.ts';

export const run: Run = async (args, { api }) => {
  const command = grammar(
    'tag SOURCE_IMAGE[:TAG] TARGET_IMAGE[:TAG]',
    'Give an image another name',
  );
  const { args: names } = parse(command, args, 2, 2);
  const [source = '', target = ''] = names;
  const [, repo = target, tag] = /^(.+?)(?::([^:/]+))?$/.exec(target) ?? [];
  await api.json({ method: 'POST', path: `/images/${source}/tag`, query: { repo, tag } });
  return 0;
};
