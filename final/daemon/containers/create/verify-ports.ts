// Ports as Docker writes them: `80/tcp`, `53/udp`, `8000-8010/tcp`.
//
// - `verifyPorts(config, hostConfig)`: throws INVALID `invalid port specification: "x"`
// - `parsePort(written)`: number and protocol

import { isIP } from 'node:net';
import { invalid } from '../../../engine/refusal.ts';
import type { Config } from '../record/config.ts';
import type { HostConfig } from '../record/host-config.ts';

export interface Port {
  readonly number: number;
  readonly protocol: string;
}

const protocols = new Set(['tcp', 'udp', 'sctp']);

/** Undefined if it is none. */
function parsePort(written: string): Port | undefined {
  const [, digits = '', protocol = 'tcp'] = /^(\d{1,5})(?:\/([a-z]+))?$/i.exec(written) ?? [];
  const number = Number(digits);
  if (digits === '' || number > 65_535) return undefined;
  const lower = protocol.toLowerCase();
  return protocols.has(lower) ? { number, protocol: lower } : undefined;
}

/** A port of the host's, a range of them, or none: any free one. */
function isHostPort(written: string): boolean {
  if (written === '') return true;
  const [first = '', last = first, ...more] = written.replace(/\/(tcp|udp|sctp)$/, '').split('-');
  const numbers = [first, last].map(part => (/^\d{1,5}$/.test(part) ? Number(part) : -1));
  const [low = -1, high = -1] = numbers;
  return more.length === 0 && low >= 0 && low <= high && high <= 65_535;
}

export function verifyPorts({ ExposedPorts }: Config, { PortBindings }: HostConfig): void {
  const refuse = (port: string): Error => invalid(`invalid port specification: "${port}"`);
  for (const port of Object.keys(ExposedPorts ?? {})) {
    if (parsePort(port) === undefined) throw refuse(port);
  }
  for (const [port, bindings] of Object.entries(PortBindings ?? {})) {
    if (parsePort(port) === undefined) throw refuse(port.split('/')[0] ?? port);
    for (const { HostIp, HostPort } of bindings ?? []) {
      if (!isHostPort(HostPort)) throw refuse(HostPort);
      if (HostIp !== '' && isIP(HostIp) === 0) throw invalid(`invalid IP address: ${HostIp}`);
    }
  }
}
