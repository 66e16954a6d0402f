// TLS on the daemon's TCP hosts: our certificate, and whose clients are let in.
//
// - `tlsOf(settings)`   undefined without `--tls` and `--tlsverify`; @throws WrongSetting
//
// `--tls` encrypts; `--tlsverify` also turns away, in the handshake, who has no certificate signed
// by `--tlscacert`.

import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { TlsOptions } from 'node:tls';
import { WrongSetting } from './command-line.ts';
import type { Settings } from './settings.ts';

export function tlsOf(settings: Settings): TlsOptions | undefined {
  const { tls, tlsverify, tlscacert, tlscert, tlskey } = settings;
  if (tls !== true && tlsverify !== true) return undefined;
  const usual = (name: string): string => join(homedir(), '.slipway', name);
  const own = {
    cert: read('tlscert', tlscert ?? usual('cert.pem')),
    key: read('tlskey', tlskey ?? usual('key.pem')),
    minVersion: 'TLSv1.2' as const,
  };
  if (tlsverify !== true) return own;
  const ca = read('tlscacert', tlscacert ?? usual('ca.pem'));
  return { ...own, ca, requestCert: true, rejectUnauthorized: true };
}

function read(setting: string, path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new WrongSetting(`cannot read --${setting}: ${why}`);
  }
}
