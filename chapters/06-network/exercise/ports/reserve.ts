// Made from ../../ports/reserve.ts by `npm run generate`. Nothing is left out here.
// See how far you are, in the folder of the chapter: SUBJECT=exercise/run.ts npm test
//
// Taking a port of the host: nobody else may believe that it is free.
//
// - `reservePorts(wishes, versions)`: a socket each, and what was chosen
// - `PortInUse`: somebody else has it, and the message says who; found out at the end,
//   for in a search most ports that are in use are nobody's concern
//
// The firewall leads the traffic elsewhere before any socket sees it. So the sockets
// here never answer; they are bound because `bind` is the only book of ports that
// everybody reads, and the kernel strikes us out of it when we die. Until the firewall
// knows, they refuse: a first packet without an answer would be sent again and again,
// and the kernel remembers for two minutes that it was led nowhere. One kind of traffic
// cannot be led elsewhere, that to ::1: its socket listens for real (loopback6.ts).

import { closeSync } from 'node:fs';
import {
  bindSocket,
  holdPort,
  reservePort,
  SyscallError,
  type SocketPlace,
} from '@slipway/native';
import { formatIp, type Ip } from '../ipam/address.ts';
import type { PortWish } from './grammar.ts';
import { holdersOf } from './holders.ts';

/** A wish with its port of the host. */
export interface ReservedPort extends PortWish {
  readonly hostPort: number;
}

export interface Reserved extends Disposable {
  readonly ports: readonly ReservedPort[];
  /** To be called when the firewall leads their traffic elsewhere. @throws PortInUse */
  hold(): void;
  /** Sockets at which ::1 is served; from then on they are the caller's. */
  takeListening(): readonly ListeningPort[];
}

/** A socket at which traffic arrives, and the port in the container that is meant. */
export interface ListeningPort {
  readonly place: SocketPlace;
  readonly descriptor: number;
  readonly containerPort: number;
}

/** Where Docker chose from when it was young: IANA's dynamic ports. */
const dynamic = { first: 49_153, last: 65_535 } as const;

/**
 * @throws Error naming the port and who has it, or the address that is not this host's
 */
export function reservePorts(
  wishes: readonly PortWish[],
  versions: readonly (4 | 6)[],
  containerOf: ContainerOf = () => undefined,
): Reserved {
  const sockets: (ReservedSocket & { readonly containerPort: number })[] = [];
  const close = (): void => {
    for (const { descriptor } of sockets.splice(0)) closeSync(descriptor);
  };
  try {
    const ports = wishes.map(wish => {
      const { port, bound } = naming(containerOf, () => reserveOne(wish, versions));
      const { containerPort } = wish;
      sockets.push(...bound.map(socket => ({ ...socket, containerPort })));
      return { ...wish, hostPort: port };
    });
    const takeListening = (): readonly ListeningPort[] => {
      const taken = sockets.filter(({ listens }) => listens);
      sockets.splice(0, sockets.length, ...sockets.filter(({ listens }) => !listens));
      return taken;
    };
    const hold = (): void => naming(containerOf, () => sockets.forEach(holdOne));
    return { ports, hold, takeListening, [Symbol.dispose]: close };
  } catch (error) {
    close();
    throw error;
  }
}

/** What `act` returns; of a port that is in use it is said by whom. */
function naming<T>(containerOf: ContainerOf, act: () => T): T {
  try {
    return act();
  } catch (error) {
    if (!(error instanceof PortInUse)) throw error;
    const holders = showHolders(error.place, containerOf);
    const message = `${error.message} by ${holders}`;
    throw new PortInUse(error.place, message, { cause: error.cause });
  }
}

interface ReservedSocket {
  readonly place: SocketPlace;
  readonly descriptor: number;
  /** Of its traffic some arrives. */
  readonly listens: boolean;
}

/** The name of the container that process `pid` has started. */
export type ContainerOf = (pid: number) => string | undefined;

interface Taken {
  readonly port: number;
  readonly bound: readonly ReservedSocket[];
}

function reserveOne(wish: PortWish, versions: readonly (4 | 6)[]): Taken {
  const addresses = addressesFor(wish.host, versions);
  if (wish.hostPort !== undefined) {
    const bound = reserveAt(wish, addresses, wish.hostPort);
    return { port: wish.hostPort, bound };
  }
  const { first, last } = wish.among ?? dynamic;
  for (let port = first; port <= last; port += 1) {
    try {
      return { port, bound: reserveAt(wish, addresses, port) };
    } catch (error) {
      // Of a range that the user gave, the last one says who is in the way.
      if (!(error instanceof PortInUse) || (wish.among && port === last)) throw error;
    }
  }
  throw new Error(`-p ${wish.containerPort}: no port of this host is free`);
}

function addressesFor(
  host: Ip | undefined,
  versions: readonly (4 | 6)[],
): readonly string[] {
  if (host !== undefined) return [formatIp(host)];
  return versions.map(version => (version === 4 ? '0.0.0.0' : '::'));
}

/** Somebody else has the port. */
export class PortInUse extends Error {
  override readonly name = 'PortInUse';
  readonly place: SocketPlace;

  constructor(place: SocketPlace, message: string, options?: ErrorOptions) {
    super(message, options);
    this.place = place;
  }
}

function reserveAt(
  { protocol }: PortWish,
  addresses: readonly string[],
  port: number,
): readonly ReservedSocket[] {
  const bound: ReservedSocket[] = [];
  try {
    for (const address of addresses) {
      bound.push(reserve({ protocol, address, port }));
    }
    return bound;
  } catch (error) {
    for (const { descriptor } of bound) closeSync(descriptor);
    throw error;
  }
}

function reserve(place: SocketPlace): ReservedSocket {
  const listens = place.address === '::' || place.address === '::1';
  return explaining(place, () => {
    const descriptor = (listens ? bindSocket : reservePort)(place);
    return { place, listens, descriptor };
  });
}

function holdOne({ place, listens, descriptor }: ReservedSocket): void {
  if (listens || place.protocol !== 'tcp') return;
  explaining(place, () => holdPort(descriptor));
}

/** What `act` returns; what the kernel refuses of `place` is said in words. */
function explaining<T>(place: SocketPlace, act: () => T): T {
  const { protocol, address, port } = place;
  try {
    return act();
  } catch (cause) {
    if (!(cause instanceof SyscallError)) throw cause;
    const what = `-p: port ${port}/${protocol} at ${address}`;
    if (cause.code === 'EADDRINUSE') {
      throw new PortInUse(place, `${what} is in use`, { cause });
    }
    if (cause.code === 'EADDRNOTAVAIL') {
      throw new Error(`${what}: ${address} is no address of this host`, { cause });
    }
    throw cause;
  }
}

function showHolders(place: SocketPlace, containerOf: ContainerOf): string {
  const holders = holdersOf(place).map(({ pid, command }) => {
    const container = containerOf(pid);
    const what = container === undefined ? command : `for the container ${container}`;
    return `process ${pid} (${what})`;
  });
  return holders.join(', ') || 'a process that cannot be seen from here';
}
// As made: 2a22675e
