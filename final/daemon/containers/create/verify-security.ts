// Security options and capabilities as callers write them.
//
// - `verifyCapabilities(hostConfig)`: throws INVALID with Docker's words
// - `securityOf(hostConfig)`: `--security-opt`, parsed; throws INVALID, too
// - `capabilityName(written)`: `NET_RAW`, `cap_net_raw` → `CAP_NET_RAW`; undefined for none
//
// Sources: capabilities(7); `--security-opt` of docker run.

import { invalid } from '../../../engine/refusal.ts';
import type { HostConfig } from '../record/host-config.ts';

export interface Security {
  readonly noNewPrivileges: boolean;
  /** The default profile, none, or one that came with the request (JSON). */
  readonly seccomp: 'default' | 'unconfined' | { readonly profile: string };
  /** Undefined: the default one. */
  readonly apparmor: string | undefined;
}

const capabilities = [
  'CHOWN',
  'DAC_OVERRIDE',
  'DAC_READ_SEARCH',
  'FOWNER',
  'FSETID',
  'KILL',
  'SETGID',
  'SETUID',
  'SETPCAP',
  'LINUX_IMMUTABLE',
  'NET_BIND_SERVICE',
  'NET_BROADCAST',
  'NET_ADMIN',
  'NET_RAW',
  'IPC_LOCK',
  'IPC_OWNER',
  'SYS_MODULE',
  'SYS_RAWIO',
  'SYS_CHROOT',
  'SYS_PTRACE',
  'SYS_PACCT',
  'SYS_ADMIN',
  'SYS_BOOT',
  'SYS_NICE',
  'SYS_RESOURCE',
  'SYS_TIME',
  'SYS_TTY_CONFIG',
  'MKNOD',
  'LEASE',
  'AUDIT_WRITE',
  'AUDIT_CONTROL',
  'SETFCAP',
  'MAC_OVERRIDE',
  'MAC_ADMIN',
  'SYSLOG',
  'WAKE_ALARM',
  'BLOCK_SUSPEND',
  'AUDIT_READ',
  'PERFMON',
  'BPF',
  'CHECKPOINT_RESTORE',
].map(name => `CAP_${name}`);

export const allCapabilities: readonly string[] = capabilities;

export function capabilityName(written: string): string | undefined {
  const upper = written.toUpperCase();
  const name = upper.startsWith('CAP_') ? upper : `CAP_${upper}`;
  return capabilities.includes(name) ? name : undefined;
}

export function verifyCapabilities({ CapAdd, CapDrop }: HostConfig): void {
  for (const [field, names] of Object.entries({ CapAdd, CapDrop })) {
    for (const written of names ?? []) {
      if (written.toUpperCase() === 'ALL' || capabilityName(written) !== undefined) continue;
      const upper = written.toUpperCase();
      const name = upper.startsWith('CAP_') ? upper : `CAP_${upper}`;
      throw invalid(`invalid ${field}: unknown capability: "${name}"`);
    }
  }
}

/** @throws INVALID */
export function securityOf({ SecurityOpt }: Pick<HostConfig, 'SecurityOpt'>): Security {
  const unsaid: Security = { noNewPrivileges: false, seccomp: 'default', apparmor: undefined };
  return Object.assign(unsaid, ...(SecurityOpt ?? []).map(read));
}

function read(option: string): Partial<Security> {
  if (option === 'no-new-privileges') return { noNewPrivileges: true };
  if (option === 'disable') return {};
  const [, key = '', value = ''] = /^([^=:]*)[=:](.*)$/s.exec(option) ?? [];
  switch (key) {
    case '':
      throw invalid(`invalid --security-opt 1: "${option}"`);
    case 'label':
      return {};
    case 'apparmor':
      return { apparmor: value };
    case 'seccomp':
      return { seccomp: readSeccomp(value) };
    case 'no-new-privileges':
      if (['true', '1', 't', 'T', 'TRUE', 'True'].includes(value)) return { noNewPrivileges: true };
      if (['false', '0', 'f', 'F', 'FALSE', 'False'].includes(value))
        return { noNewPrivileges: false };
      throw invalid(`invalid --security-opt 2: "${option}"`);
    default:
      throw invalid(`invalid --security-opt 2: "${option}"`);
  }
}

function readSeccomp(value: string): Security['seccomp'] {
  if (value === 'unconfined') return 'unconfined';
  return value === 'builtin' || value === '' ? 'default' : { profile: value };
}
