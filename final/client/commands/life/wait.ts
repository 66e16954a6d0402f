// slipway wait CONTAINER...

import { z } from 'zod';
import { grammar, parse, type Run } from '../../command.ts';
import { Failure } from '../../failure.ts';

const ended = z.object({ StatusCode: z.number() });

export const run: Run = async (args, { api, out, err }) => {
  const command = grammar('wait CONTAINER [CONTAINER...]', 'Wait for containers to end');
  const { args: names } = parse(command, args, 1);
  let status = 0;
  for (const name of names) {
    try {
      const answer = await api.json({ method: 'POST', path: `/containers/${name}/wait` });
      out.write(`${ended.parse(answer).StatusCode}\n`);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      err.write(`${error.message}\n`);
      status = 1;
    }
  }
  return status;
};
