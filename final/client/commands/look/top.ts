// slipway top CONTAINER [PS OPTIONS]

import { z } from 'zod';
import { grammar, parse, type Run } from '../../command.ts';
import { table } from '../../output/table.ts';

const processes = z.object({
  Titles: z.array(z.string()),
  Processes: z.array(z.array(z.string())).nullable(),
});

export const run: Run = async (args, { api, out }) => {
  const about = 'Show the processes of a container';
  const command = grammar('top CONTAINER [ps OPTIONS]', about).passThroughOptions();
  const { args: words } = parse(command, args, 1);
  const [name = '', ...options] = words;
  const query = { ps_args: options.join(' ') };
  const { Titles, Processes } = processes.parse(
    await api.json({ path: `/containers/${name}/top`, query }),
  );
  out.write(table(Titles, Processes ?? [], out.isTTY ? out.columns : undefined, 20));
  return 0;
};
