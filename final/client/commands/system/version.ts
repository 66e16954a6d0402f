// slipway version

import { z } from 'zod';
import { grammar, parse, type Run } from '../../command.ts';
import { template } from '../../output/template.ts';

const versions = z.looseObject({
  Version: z.string(),
  ApiVersion: z.string(),
  MinAPIVersion: z.string(),
  Os: z.string(),
  Arch: z.string(),
  KernelVersion: z.string(),
  Platform: z.object({ Name: z.string() }),
});

export const run: Run = async (args, { api, out }) => {
  const command = grammar('version [OPTIONS]', 'Show our version and the engine’s').option(
    '-f, --format <template>',
    'a template, or json',
  );
  const { options } = parse<{ readonly format?: string }>(command, args, 0, 0);
  const Server = versions.parse(await api.json({ path: '/version' }));
  const Client = { Version: Server.Version, NodeVersion: process.version };
  if (options.format === 'json') {
    out.write(`${JSON.stringify({ Client, Server })}\n`);
  } else if (options.format !== undefined) {
    out.write(`${template(options.format).render({ Client, Server })}\n`);
  } else {
    out.write(
      [
        'Client:',
        ` Node.js:           ${process.version}`,
        '',
        `Server: ${Server.Platform.Name}`,
        ' Engine:',
        `  Version:          ${Server.Version}`,
        `  API version:      ${Server.ApiVersion} (minimum version ${Server.MinAPIVersion})`,
        `  OS/Arch:          ${Server.Os}/${Server.Arch}`,
        `  Kernel:           ${Server.KernelVersion}`,
        '',
      ].join('\n'),
    );
  }
  return 0;
};
