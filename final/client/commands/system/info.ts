// slipway info
//
// - `run`   the lines of docker's that an engine without plugins and swarm has

import { z } from 'zod';
import { grammar, parse, type Run } from '../../command.ts';
import { template } from '../../output/template.ts';
import { humanSize } from '../../output/units.ts';

const facts = z.looseObject({
  Containers: z.number(),
  ContainersRunning: z.number(),
  ContainersPaused: z.number(),
  ContainersStopped: z.number(),
  Images: z.number(),
  ServerVersion: z.string(),
  Driver: z.string(),
  LoggingDriver: z.string(),
  CgroupDriver: z.string(),
  CgroupVersion: z.string(),
  KernelVersion: z.string(),
  OperatingSystem: z.string(),
  Architecture: z.string(),
  NCPU: z.number(),
  MemTotal: z.number(),
  Name: z.string(),
  ID: z.string(),
  DockerRootDir: z.string(),
});

export const run: Run = async (args, { api, out }) => {
  const command = grammar('info [OPTIONS]', 'Show what the engine has').option(
    '-f, --format <template>',
    'a template, or json',
  );
  const { options } = parse<{ readonly format?: string }>(command, args, 0, 0);
  const info = facts.parse(await api.json({ path: '/info' }));
  if (options.format === 'json') out.write(`${JSON.stringify(info)}\n`);
  else if (options.format !== undefined) out.write(`${template(options.format).render(info)}\n`);
  else out.write(shown(info));
  return 0;
};

function shown(info: z.output<typeof facts>): string {
  return [
    'Server:',
    ` Containers: ${info.Containers}`,
    `  Running: ${info.ContainersRunning}`,
    `  Paused: ${info.ContainersPaused}`,
    `  Stopped: ${info.ContainersStopped}`,
    ` Images: ${info.Images}`,
    ` Server Version: ${info.ServerVersion}`,
    ` Storage Driver: ${info.Driver}`,
    ` Logging Driver: ${info.LoggingDriver}`,
    ` Cgroup Driver: ${info.CgroupDriver}`,
    ` Cgroup Version: ${info.CgroupVersion}`,
    ` Kernel Version: ${info.KernelVersion}`,
    ` Operating System: ${info.OperatingSystem}`,
    ` Architecture: ${info.Architecture}`,
    ` CPUs: ${info.NCPU}`,
    ` Total Memory: ${humanSize(info.MemTotal)}`,
    ` Name: ${info.Name}`,
    ` ID: ${info.ID}`,
    ` Docker Root Dir: ${info.DockerRootDir}`,
    '',
  ].join('\n');
}
