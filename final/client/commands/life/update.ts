// slipway update CONTAINER [CONTAINER...]

import { z } from 'zod';
import { grammar, parse, type Run } from '../../command.ts';
import { Failure } from '../../failure.ts';
import { withLimits, type LimitFlags } from '../run/flags.ts';
import { limitsOf, restartPolicy } from '../run/request.ts';
import { forEach } from './for-each.ts';

const updated = z.object({ Warnings: z.array(z.string()).nullish() });

export const run: Run = async (args, context) => {
  const about = 'Change the limits of containers';
  const command = withLimits(
    grammar('update [OPTIONS] CONTAINER [CONTAINER...]', about).option(
      '--restart <policy>',
      'no, always, unless-stopped, on-failure[:n]',
    ),
  );
  const { options, args: names } = parse<LimitFlags>(command, args, 1);
  if (Object.keys(options).length === 0) {
    throw new Failure('you must provide one or more flags when using this command');
  }
  const body = {
    ...limitsOf(options),
    ...(options.restart !== undefined && { RestartPolicy: restartPolicy(options.restart) }),
  };
  const warnings: string[] = [];
  const status = await forEach(context, names, async name => {
    const path = `/containers/${name}/update`;
    const { Warnings } = updated.parse(await context.api.json({ method: 'POST', path, body }));
    warnings.push(...(Warnings ?? []));
  });
  for (const warning of warnings) context.out.write(`${warning}\n`);
  return status;
};
