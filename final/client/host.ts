// Which engine is meant: `-H`, SLIPWAY_HOST, DOCKER_HOST, or the usual socket.
//
// - `engineHost(options, environment)`   @throws Failure
//
// TLS is used where the flags or DOCKER_TLS_VERIFY ask for it, with the files of DOCKER_CERT_PATH
// or ~/.slipway, as docker does with its own folder.

import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { Failure } from './failure.ts';

export interface HostOptions {
  readonly host?: string | undefined;
  readonly tls?: boolean | undefined;
  readonly tlsverify?: boolean | undefined;
  readonly tlscacert?: string | undefined;
  readonly tlscert?: string | undefined;
  readonly tlskey?: string | undefined;
}

export interface EngineHost {
  /** As the user would write it. */
  readonly name: string;
  readonly where:
    | { readonly socketPath: string }
    | { readonly host: string; readonly port: number };
  readonly tls: TlsFiles | undefined;
}

interface TlsFiles {
  readonly cert?: Buffer;
  readonly key?: Buffer;
  readonly ca?: Buffer;
  readonly rejectUnauthorized: boolean;
}

const usual = 'unix:///run/slipway.sock';

export function engineHost(options: HostOptions, env: NodeJS.ProcessEnv): EngineHost {
  const name = options.host || env['SLIPWAY_HOST'] || env['DOCKER_HOST'] || usual;
  const unix = /^unix:\/\/(\/.+)$/.exec(name)?.[1];
  if (unix !== undefined) return { name, where: { socketPath: unix }, tls: undefined };
  const tcp = /^tcp:\/\/(?:\[([^\]]+)\]|([^:/]+))(?::(\d+))?\/?$/.exec(name);
  if (tcp === null) {
    throw new Failure(`unable to parse engine host "${name}": unix:///path or tcp://address:port`);
  }
  const tls = tlsFiles(options, env);
  const [, six, four, port] = tcp;
  const host = six ?? four ?? 'localhost';
  return { name, where: { host, port: Number(port ?? (tls ? 2376 : 2375)) }, tls };
}

function tlsFiles(options: HostOptions, env: NodeJS.ProcessEnv): TlsFiles | undefined {
  const verifies = options.tlsverify ?? Boolean(env['DOCKER_TLS_VERIFY']);
  if (!verifies && options.tls !== true) return undefined;
  const folder = env['DOCKER_CERT_PATH'] || join(homedir(), '.slipway');
  const file = (path: string | undefined, name: string): Buffer | undefined => {
    try {
      return readFileSync(path ?? join(folder, name));
    } catch (error) {
      if (path === undefined && !verifies) return undefined;
      throw new Failure(error instanceof Error ? error.message : String(error));
    }
  };
  const cert = file(options.tlscert, 'cert.pem');
  const key = file(options.tlskey, 'key.pem');
  const ca = verifies ? file(options.tlscacert, 'ca.pem') : undefined;
  return {
    ...(cert && { cert }),
    ...(key && { key }),
    ...(ca && { ca }),
    rejectUnauthorized: verifies,
  };
}
