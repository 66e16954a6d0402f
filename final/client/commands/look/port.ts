// slipway port CONTAINER [PORT]

import { z } from 'zod';
import { grammar, parse, type Run } from '../../command.ts';
import { Failure } from '../../failure.ts';

const binding = z.object({ HostIp: z.string(), HostPort: z.string() });
const inspected = z.object({
  NetworkSettings: z.object({ Ports: z.record(z.string(), z.array(binding).nullable()).nullish() }),
});

export const run: Run = async (args, { api, out }) => {
  const command = grammar('port CONTAINER [PRIVATE_PORT[/PROTO]]', 'Show published ports');
  const { args: words } = parse(command, args, 1, 2);
  const [name = '', wanted] = words;
  const { NetworkSettings } = inspected.parse(await api.json({ path: `/containers/${name}/json` }));
  const all = Object.entries(NetworkSettings.Ports ?? {});
  const show = ({ HostIp, HostPort }: z.output<typeof binding>): string =>
    `${HostIp.includes(':') ? `[${HostIp}]` : HostIp}:${HostPort}`;
  if (wanted === undefined) {
    for (const [port, bound] of all) {
      for (const one of bound ?? []) out.write(`${port} -> ${show(one)}\n`);
    }
    return 0;
  }
  const key = wanted.includes('/') ? wanted : `${wanted}/tcp`;
  const bound = all.find(([port]) => port === key)?.[1] ?? [];
  if (bound.length === 0)
    throw new Failure(`Error: No public port '${wanted}' published for ${name}`);
  for (const one of bound) out.write(`${show(one)}\n`);
  return 0;
};
