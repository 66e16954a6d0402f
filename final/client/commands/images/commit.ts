// slipway commit CONTAINER [NAME[:TAG]]

import { z } from 'zod';
import { collect, grammar, parse, type Run } from '../../command.ts';
import { Failure } from '../../failure.ts';
import { wrongReference } from './reference.ts';

interface Options {
  readonly author?: string;
  readonly message?: string;
  readonly change: readonly string[];
  readonly pause?: boolean;
}

const made = z.object({ Id: z.string() });

export const run: Run = async (args, { api, out }) => {
  const command = grammar(
    'commit [OPTIONS] CONTAINER [REPOSITORY[:TAG]]',
    'Make an image from a container',
  )
    .option('-a, --author <name>', 'who has made it')
    .option('-m, --message <text>', 'for its history')
    .option('-c, --change <instruction>', 'of a Dockerfile', collect, [])
    .option('-p, --pause', 'let the container stand still meanwhile');
  const { options, args: words } = parse<Options>(command, args, 1, 2);
  const [container = '', target = ''] = words;
  const why = wrongReference(target);
  if (why !== undefined) throw new Failure(why);
  const [, repo = '', tag] = /^(.+?)(?::([^:/]+))?$/.exec(target) ?? [];
  const { author, message: comment, change: changes } = options;
  const pause = options.pause === false ? '0' : undefined;
  const query = { container, repo, tag, author, comment, changes, pause };
  out.write(`${made.parse(await api.json({ method: 'POST', path: '/commit', query })).Id}\n`);
  return 0;
};
