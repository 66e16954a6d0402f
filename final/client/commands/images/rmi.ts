// slipway rmi IMAGE...

import { z } from 'zod';
import { grammar, parse, type Run } from '../../command.ts';
import { ApiFailure, Failure } from '../../failure.ts';

const removed = z.array(
  z.object({ Untagged: z.string().optional(), Deleted: z.string().optional() }),
);

export const run: Run = async (args, { api, out, err }) => {
  const command = grammar('rmi [OPTIONS] IMAGE [IMAGE...]', 'Remove images')
    .option('-f, --force', 'also one that a stopped container was made from')
    .option('--no-prune', 'leave those that it was made of');
  const { options, args: names } = parse<{ readonly force?: boolean; readonly prune: boolean }>(
    command,
    args,
    1,
  );
  let status = 0;
  for (const name of names) {
    try {
      const query = { force: options.force, noprune: !options.prune };
      const done = removed.parse(
        await api.json({ method: 'DELETE', path: `/images/${name}`, query }),
      );
      for (const { Untagged, Deleted } of done) {
        out.write(Untagged === undefined ? `Deleted: ${Deleted}\n` : `Untagged: ${Untagged}\n`);
      }
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      err.write(`${error.message}\n`);
      const isAbsent = error instanceof ApiFailure && error.status === 404;
      if (!isAbsent || options.force !== true) status = 1;
    }
  }
  return status;
};
