// slipway diff CONTAINER

import { z } from 'zod';
import { grammar, parse, type Run } from '../../command.ts';

const changes = z.array(z.object({ Path: z.string(), Kind: z.number() })).nullish();

export const run: Run = async (args, { api, out }) => {
  const { args: names } = parse(
    grammar('diff CONTAINER', 'Show what a container has changed'),
    args,
    1,
    1,
  );
  const found = changes.parse(await api.json({ path: `/containers/${names[0] ?? ''}/changes` }));
  for (const { Path, Kind } of found ?? []) out.write(`${'CAD'[Kind] ?? '?'} ${Path}\n`);
  return 0;
};
