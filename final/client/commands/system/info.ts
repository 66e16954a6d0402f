// slipway info
//
// - `run`   the lines of docker's that an engine without plugins and swarm has

import { z } from 'zod';
import { grammar, parse, type Run } from '../../command.ts';
import { template } from '../../output/template/template.ts';
import { jsonOf } from '../../output/template/values.ts';
import { binarySize } from '../../output/units.ts';

const words = z.array(z.string()).nullish();

const facts = z.looseObject({
  Containers: z.number(),
  ContainersRunning: z.number(),
  ContainersPaused: z.number(),
  ContainersStopped: z.number(),
  Images: z.number(),
  ServerVersion: z.string(),
  Driver: z.string(),
  DriverStatus: z.array(z.array(z.string())).nullish(),
  LoggingDriver: z.string(),
  CgroupDriver: z.string(),
  CgroupVersion: z.string(),
  Plugins: z.looseObject({ Volume: words, Network: words, Log: words }),
  Runtimes: z.record(z.string(), z.unknown()).nullish(),
  DefaultRuntime: z.string(),
  InitBinary: z.string(),
  SecurityOptions: words,
  KernelVersion: z.string(),
  OperatingSystem: z.string(),
  OSType: z.string(),
  Architecture: z.string(),
  NCPU: z.number(),
  MemTotal: z.number(),
  Name: z.string(),
  ID: z.string(),
  DockerRootDir: z.string(),
  Debug: z.boolean(),
  Labels: words,
  LiveRestoreEnabled: z.boolean(),
  Warnings: words,
});

type Facts = z.output<typeof facts>;

export const run: Run = async (args, { api, out, err }) => {
  const command = grammar('info [OPTIONS]', 'Show what the engine has').option(
    '-f, --format <template>',
    'a template, or json',
  );
  const { options } = parse<{ readonly format?: string }>(command, args, 0, 0);
  const info = facts.parse(await api.json({ path: '/info' }));
  if (options.format === 'json') out.write(`${jsonOf(info)}\n`);
  else if (options.format !== undefined) out.write(`${template(options.format).render(info)}\n`);
  else {
    out.write(`Client:\n Version:    ${info.ServerVersion}\n Context:    default\n\n`);
    out.write([...counts(info), ...machine(info), ''].join('\n'));
    for (const warning of info.Warnings ?? []) err.write(`${warning}\n`);
  }
  return 0;
};

function counts(info: Facts): readonly string[] {
  return [
    'Server:',
    ` Containers: ${info.Containers}`,
    `  Running: ${info.ContainersRunning}`,
    `  Paused: ${info.ContainersPaused}`,
    `  Stopped: ${info.ContainersStopped}`,
    ` Images: ${info.Images}`,
    ` Server Version: ${info.ServerVersion}`,
    ` Storage Driver: ${info.Driver}`,
    ...(info.DriverStatus ?? []).map(([name, value]) => `  ${name}: ${value}`),
    ` Logging Driver: ${info.LoggingDriver}`,
    ` Cgroup Driver: ${info.CgroupDriver}`,
    ` Cgroup Version: ${info.CgroupVersion}`,
    ' Plugins:',
    `  Volume: ${(info.Plugins.Volume ?? []).join(' ')}`,
    `  Network: ${(info.Plugins.Network ?? []).join(' ')}`,
    `  Log: ${(info.Plugins.Log ?? []).join(' ')}`,
    ` Runtimes: ${Object.keys(info.Runtimes ?? {})
      .toSorted()
      .join(' ')}`,
    ` Default Runtime: ${info.DefaultRuntime}`,
    ` Init Binary: ${info.InitBinary}`,
  ];
}

function machine(info: Facts): readonly string[] {
  const labels = info.Labels ?? [];
  return [
    ' Security Options:',
    ...(info.SecurityOptions ?? []).flatMap(securityLines),
    ` Kernel Version: ${info.KernelVersion}`,
    ` Operating System: ${info.OperatingSystem}`,
    ` OSType: ${info.OSType}`,
    ` Architecture: ${info.Architecture}`,
    ` CPUs: ${info.NCPU}`,
    ` Total Memory: ${binarySize(info.MemTotal)}`,
    ` Name: ${info.Name}`,
    ` ID: ${info.ID}`,
    ` Docker Root Dir: ${info.DockerRootDir}`,
    ` Debug Mode: ${info.Debug}`,
    ...(labels.length === 0 ? [] : [' Labels:', ...labels.map(label => `  ${label}`)]),
    ` Live Restore Enabled: ${info.LiveRestoreEnabled}`,
  ];
}

/** `name=seccomp,profile=builtin`. */
function securityLines(text: string): readonly string[] {
  const [first = '', ...more] = text.split(',').map(part => part.split('='));
  const [, name = ''] = first;
  return [
    `  ${name}`,
    ...more.map(([key = '', value]) => `   ${key[0]?.toUpperCase()}${key.slice(1)}: ${value}`),
  ];
}
