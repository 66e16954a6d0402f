// Where the daemon listens: `unix://`, `tcp://`, `fd://`, with what a careful operator expects.
//
// - `parseHost(text)`                     one `-H`; @throws WrongSetting
// - `checkHosts(hosts, settings)`         plain TCP beyond this machine only if it was said so
//
// Whoever reaches the API is root on this machine. So TCP that others reach needs TLS, unless
// `--tls=false` or `--tlsverify=false` says that this is meant.

import { isIP } from 'node:net';
import { WrongSetting } from './command-line.ts';
import type { Settings } from './settings.ts';

export type Host =
  | { readonly kind: 'unix'; readonly path: string }
  | { readonly kind: 'tcp'; readonly address: string; readonly port: number }
  /** The descriptors that the starting program has left open; undefined: all of them. */
  | { readonly kind: 'fd'; readonly descriptor: number | undefined };

export function parseHost(written: string, isTls: boolean): Host {
  // `-H=address:port`, as some write it.
  const bare = written.replace(/^=/, '');
  const text = bare === '' || bare.includes('://') ? bare : `tcp://${bare}`;
  const [scheme = '', ...parts] = text.split('://');
  const rest = parts.join('://');
  switch (scheme) {
    case 'unix':
      return { kind: 'unix', path: socketPath(rest, text) };
    case 'fd':
      return { kind: 'fd', descriptor: descriptorOf(rest, text) };
    case 'tcp':
      return tcp(rest, text, isTls);
    default:
      throw wrong(text, 'unix:///path, tcp://address:port or fd://N is expected');
  }
}

function wrong(text: string, why: string): WrongSetting {
  return new WrongSetting(`invalid -H ${JSON.stringify(text)}: ${why}`);
}

function socketPath(path: string, text: string): string {
  if (!path.startsWith('/')) throw wrong(text, 'the path of the socket must be absolute');
  // sun_path has 108 bytes, and the socket is first made beside its place.
  if (Buffer.byteLength(path) > 103) throw wrong(text, 'the path of the socket is too long');
  return path;
}

function descriptorOf(rest: string, text: string): number | undefined {
  if (rest === '' || rest === '*') return undefined;
  if (!/^\d{1,4}$/.test(rest) || Number(rest) < 3) throw wrong(text, 'a descriptor from 3 on');
  return Number(rest);
}

function tcp(rest: string, text: string, isTls: boolean): Host {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]/]*))(?::(\d{1,5}))?\/?$/.exec(rest);
  if (match === null) throw wrong(text, 'tcp://address:port is expected');
  const [, six, four, port] = match;
  const address = six ?? (four === undefined || four === '' ? '127.0.0.1' : four);
  const number = port === undefined ? (isTls ? 2376 : 2375) : Number(port);
  if (number > 65_535) throw wrong(text, 'there are 65535 ports');
  return { kind: 'tcp', address, port: number };
}

function isLoopback(address: string): boolean {
  if (address === 'localhost' || address === '::1') return true;
  return isIP(address) === 4 && address.startsWith('127.');
}

/** @throws WrongSetting */
export function checkHosts(hosts: readonly Host[], { tls, tlsverify }: Settings): void {
  const isEncrypted = tls === true || tlsverify === true;
  const isMeant = tls === false || tlsverify === false;
  for (const host of hosts) {
    if (host.kind !== 'tcp' || isEncrypted || isMeant || isLoopback(host.address)) continue;
    throw new WrongSetting(
      `refusing to listen on tcp://${host.address}:${host.port} without TLS: ` +
        'whoever reaches it is root on this machine. ' +
        'Use --tlsverify, or say --tls=false if you mean it',
    );
  }
}
