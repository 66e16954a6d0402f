// Made from ../../ports/holders.ts by `npm run generate`. Nothing is left out here.
// See how far you are, in the folder of the chapter: SUBJECT=exercise/run.ts npm test
//
// Who has a port: the answer to "address already in use".
//
// - `holdersOf(place)`: the processes that have it, as far as /proc shows
// - `socketsIn(text)`: what a file such as /proc/net/tcp says
//
// The kernel lists sockets by inode and processes by descriptor; the two meet in the
// links of /proc/PID/fd. Only asked when something was refused.
// Source: proc_pid_net(5), proc_pid_fd(5).

import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import type { SocketPlace } from '@slipway/native';
import { ipOf, parseIp, type Ip } from '../ipam/address.ts';

export interface Holder {
  readonly pid: number;
  /** Its command line, or its name in brackets. */
  readonly command: string;
}

export interface BoundPort {
  readonly ip: Ip;
  readonly port: number;
  readonly inode: number;
  /** TCP only; a UDP socket has no such state. */
  readonly listens: boolean;
}

/** The processes of which a socket stands in the way of `place`. */
export function holdersOf(place: SocketPlace): readonly Holder[] {
  const inodes = new Set(
    ['', '6']
      .flatMap(version => socketsIn(readText(`/proc/net/${place.protocol}${version}`)))
      .filter(socket => isInTheWay(socket, place))
      .map(({ inode }) => `socket:[${inode}]`),
  );
  const pids = readdirSync('/proc').filter(name => /^\d+$/.test(name));
  return pids
    .filter(pid => descriptorsOf(pid).some(target => inodes.has(target)))
    .map(pid => ({ pid: Number(pid), command: commandOf(pid) }));
}

function isInTheWay(socket: BoundPort, place: SocketPlace): boolean {
  const wanted = parseIp(place.address);
  if (wanted === undefined || socket.port !== place.port) return false;
  if (place.protocol === 'tcp' && !socket.listens) return false;
  const isAny = (ip: Ip): boolean => ip.value === 0n;
  // `::` without IPV6_V6ONLY has the port of all IPv4 addresses, too.
  if (socket.ip.version !== wanted.version) {
    return socket.ip.version === 6 && isAny(socket.ip);
  }
  return isAny(socket.ip) || isAny(wanted) || socket.ip.value === wanted.value;
}

/** The sockets in the text of /proc/net/{tcp,udp}{,6}. */
export function socketsIn(text: string): readonly BoundPort[] {
  return text
    .split('\n')
    .slice(1)
    .flatMap(line => {
      const [, local = '', , state, , , , , , inode] = line.trim().split(/\s+/);
      const [address = '', port = ''] = local.split(':');
      if (inode === undefined) return [];
      return [
        {
          ip: ipOf(addressBytes(address)),
          port: Number.parseInt(port, 16),
          inode: Number(inode),
          listens: state === '0A',
        },
      ];
    });
}

/** Words of 4 bytes, each written as a number of this (little-endian) machine. */
function addressBytes(hex: string): Uint8Array {
  const words = hex.match(/.{8}/g) ?? [];
  return Uint8Array.from(
    words.flatMap(word => [...Buffer.from(word, 'hex')].toReversed()),
  );
}

function descriptorsOf(pid: string): readonly string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).map(fd => link(`/proc/${pid}/fd/${fd}`));
  } catch {
    return []; // it has ended meanwhile, or is not ours to look at
  }
}

function link(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return ''; // closed meanwhile
  }
}

function commandOf(pid: string): string {
  const words = readText(`/proc/${pid}/cmdline`).split('\0').filter(Boolean);
  if (words.length === 0) return `[${readText(`/proc/${pid}/comm`).trim()}]`;
  const line = words.join(' ');
  return line.length > 60 ? `${line.slice(0, 59)}…` : line;
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // no IPv6 here, or the process has ended
  }
}
// As made: 56630cae
