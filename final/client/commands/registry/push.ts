// slipway push NAME[:TAG]

import { grammar, parse, type Run } from '../../command.ts';
import { showMessages } from '../images/messages.ts';

interface Options {
  readonly allTags?: boolean;
  readonly quiet?: boolean;
}

export const run: Run = async (args, { api, out }) => {
  const command = grammar('push [OPTIONS] NAME[:TAG]', 'Bring an image to a registry')
    .option('-a, --all-tags', 'all of that name')
    .option('-q, --quiet', 'show only its name');
  const { options, args: names } = parse<Options>(command, args, 1, 1);
  const [, name = '', given] = /^(.+?)(?::([^:/]+))?$/.exec(names[0] ?? '') ?? [];
  const isAll = options.allTags === true;
  if (!isAll && given === undefined && options.quiet !== true) {
    out.write('Using default tag: latest\n');
  }
  const answer = await api.stream({
    method: 'POST',
    path: `/images/${name}/push`,
    query: { tag: isAll ? undefined : (given ?? 'latest') },
    headers: { 'X-Registry-Auth': 'e30=' },
  });
  await showMessages(answer, out);
  return 0;
};
