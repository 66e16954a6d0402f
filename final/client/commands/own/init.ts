// slipway image init: busybox:latest, made again from the engine's machine

import { z } from 'zod';
import { grammar, parse, type Run } from '../../command.ts';

const made = z.object({ Id: z.string(), Name: z.string() });

export const run: Run = async (args, { api, out }) => {
  const about = 'Make busybox:latest from the static busybox of the engine’s machine';
  parse(grammar('image init', about), args, 0, 0);
  const answer = await api.json({ method: 'POST', path: '/slipway/images/init' });
  const { Id, Name } = made.parse(answer);
  out.write(`Made ${Name}: ${Id}\n`);
  return 0;
};
