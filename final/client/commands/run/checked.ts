// Options of `run` that are judged as they are read.
//
// - `ulimit`, `address`, `hostEntry`, `sysctl`   readers; @throws Error in docker's words
// - `capability(name)`, `device(text)`   `/dev/a:/dev/b:rwm`

import { isIP } from 'node:net';

export function ulimit(text: string): object {
  const match = /^([a-z]+)=(-?\d+)(?::(-?\d+))?$/.exec(text);
  if (match === null) throw new Error(`invalid ulimit argument: ${text}`);
  const [, Name, soft, hard = soft] = match;
  const isEndless = Number(hard) === -1;
  if (!isEndless && (Number(soft) > Number(hard) || Number(soft) === -1)) {
    const why = 'ulimit soft limit must be less than or equal to hard limit';
    throw new Error(`${why}: ${soft} > ${hard}`);
  }
  return { Name, Soft: Number(soft), Hard: Number(hard) };
}

export function address(text: string): string {
  if (isIP(text.trim()) !== 0) return text.trim();
  throw new Error(`IP address is not correctly formatted: ${text}`);
}

/** `name:address`, or with `=`, as it goes to the engine. */
export function hostEntry(text: string): string {
  const [, name, where] = /^([^:=]+)[:=](.+)$/.exec(text) ?? [];
  if (name === undefined) throw new Error(`bad format for add-host: ${JSON.stringify(text)}`);
  return `${name}:${where}`;
}

const ofIpc = /^kernel\.(msgmax|msgmnb|msgmni|sem|shmall|shmmax|shmmni|shm_rmid_forced)$/;

export function sysctl(text: string): string {
  const [name = ''] = text.split('=');
  const isOwn = ofIpc.test(name) || /^(net|fs\.mqueue)\./.test(name);
  if (!isOwn || !text.includes('=')) throw new Error(`sysctl '${text}' is not allowed`);
  return text;
}

/** `net_admin` as `CAP_NET_ADMIN`. */
export function capability(name: string): string {
  const upper = name.toUpperCase();
  return upper === 'ALL' || upper.startsWith('CAP_') ? upper : `CAP_${upper}`;
}

export function device(text: string): object {
  const [host = '', second = host, third] = text.split(':');
  const hasPath = second.startsWith('/');
  const permissions = third ?? (hasPath ? 'rwm' : second);
  return {
    PathOnHost: host,
    PathInContainer: hasPath ? second : host,
    CgroupPermissions: permissions,
  };
}
