// slipway volume ls|create|rm|inspect
//
// - `ls`, `create`, `rm`, `inspect`   each a command in docker's words

import { z } from 'zod';
import { collect, grammar, parse, type Run } from '../../command.ts';
import { labelsText } from '../../output/list.ts';
import { pairs } from '../run/values.ts';
import { inspecting, listing, named, removing, type Noun } from './listing.ts';

const volume = z.object({
  Name: z.string(),
  Driver: z.string(),
  Mountpoint: z.string(),
  Scope: z.string(),
  Labels: z.record(z.string(), z.string()).nullish(),
});
const volumes = z.object({ Volumes: z.array(volume).nullish() });

const noun: Noun = {
  name: 'volume',
  key: 'Name',
  columns: [
    ['DRIVER', 'Driver'],
    ['VOLUME NAME', 'Name'],
  ],
  rows: answer =>
    (volumes.parse(answer).Volumes ?? []).map(({ Labels, ...one }) => ({
      ...{ Availability: 'N/A', ...one, Group: 'N/A', Labels: labelsText(Labels) },
      ...{ Links: 'N/A', Size: 'N/A', Status: 'N/A' },
    })),
};

export const ls = listing(noun);
export const rm = removing(noun);
export const inspect = inspecting(noun);

interface CreateOptions {
  readonly driver: string;
  readonly opt: readonly string[];
  readonly label: readonly string[];
}

export const create: Run = async (args, { api, out }) => {
  const command = grammar('volume create [OPTIONS] [VOLUME]', 'Create a volume')
    .option('-d, --driver <name>', 'driver', 'local')
    .option('-o, --opt <name=value>', 'option of the driver', collect, [])
    .option('--label <name=value>', 'label', collect, []);
  const { options, args: names } = parse<CreateOptions>(command, args, 0, 1);
  const body = {
    Name: names[0] ?? '',
    Driver: options.driver,
    DriverOpts: pairs(options.opt),
    Labels: pairs(options.label),
  };
  const made = await api.json({ method: 'POST', path: '/volumes/create', body });
  out.write(`${named.parse(made).Name}\n`);
  return 0;
};
