// slipway rm CONTAINER [CONTAINER...]

import { grammar, parse, type Run } from '../../command.ts';
import { ApiFailure } from '../../failure.ts';
import { forEach } from './for-each.ts';

interface Options {
  readonly force?: boolean;
  readonly volumes?: boolean;
  readonly link?: boolean;
}

export const run: Run = async (args, context) => {
  const command = grammar('rm [OPTIONS] CONTAINER [CONTAINER...]', 'Remove containers')
    .option('-f, --force', 'also one that runs')
    .option('-v, --volumes', 'with its anonymous volumes')
    .option('-l, --link', 'the link, not the container');
  const { options, args: names } = parse<Options>(command, args, 1);
  const query = { force: options.force, v: options.volumes, link: options.link };
  const failed = new Set<unknown>();
  const status = await forEach(context, names, name =>
    context.api
      .json({ method: 'DELETE', path: `/containers/${name}`, query })
      .catch((error: unknown) => {
        const isAbsent = error instanceof ApiFailure && error.status === 404;
        if (!isAbsent || options.force !== true) failed.add(error);
        throw error;
      }),
  );
  return failed.size === 0 ? 0 : status;
};
