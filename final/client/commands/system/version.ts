// slipway version
//
// - `run`   ours and the engine's

import { arch } from 'node:os';
import { z } from 'zod';
import { grammar, parse, type Run } from '../../command.ts';
import { clientVersion } from '../../client-version.ts';
import { template } from '../../output/template/template.ts';
import { jsonOf } from '../../output/template/values.ts';
import { apiVersion } from '../../transport.ts';

const versions = z.looseObject({
  Version: z.string(),
  ApiVersion: z.string(),
  MinAPIVersion: z.string(),
  Os: z.string(),
  Arch: z.string(),
  KernelVersion: z.string(),
  Platform: z.object({ Name: z.string() }),
  Experimental: z.boolean().optional(),
});

export const run: Run = async (args, { api, out }) => {
  const command = grammar('version [OPTIONS]', 'Show our version and the engine’s').option(
    '-f, --format <template>',
    'a template, or json',
  );
  const { options } = parse<{ readonly format?: string }>(command, args, 0, 0);
  const Client = {
    Version: clientVersion,
    ApiVersion: apiVersion,
    NodeVersion: process.version,
    Os: process.platform,
    Arch: arch() === 'x64' ? 'amd64' : arch(),
    Context: 'default',
  };
  const asked = await api.json({ path: '/version' }).catch((error: unknown) => {
    if (options.format === undefined) out.write(`${ours(Client)}\n`);
    throw error;
  });
  const Server = versions.parse(asked);
  if (options.format === 'json') {
    out.write(`${jsonOf({ Client, Server })}\n`);
  } else if (options.format !== undefined) {
    const named = {
      Client: { ...Client, APIVersion: apiVersion, DefaultAPIVersion: apiVersion },
      Server: { ...Server, APIVersion: Server.ApiVersion },
    };
    out.write(`${template(options.format).render(named)}\n`);
  } else {
    out.write(shown(Client, Server));
  }
  return 0;
};

interface ClientVersion {
  readonly Version: string;
  readonly Os: string;
  readonly Arch: string;
}

function ours({ Version, Os, Arch }: ClientVersion): string {
  return [
    'Client:',
    ` Version:           ${Version}`,
    ` API version:       ${apiVersion}`,
    ` Node version:      ${process.version}`,
    ` OS/Arch:           ${Os}/${Arch}`,
    ' Context:           default',
  ].join('\n');
}

function shown(client: ClientVersion, server: z.output<typeof versions>): string {
  return [
    ours(client),
    '',
    `Server: ${server.Platform.Name}`,
    ' Engine:',
    `  Version:          ${server.Version}`,
    `  API version:      ${server.ApiVersion} (minimum version ${server.MinAPIVersion})`,
    `  OS/Arch:          ${server.Os}/${server.Arch}`,
    `  Kernel version:   ${server.KernelVersion}`,
    `  Experimental:     ${server.Experimental ?? false}`,
    '',
  ].join('\n');
}
