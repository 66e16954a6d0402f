// What the embedded name server says by itself; the rest it asks somebody else.
//
// - `Names`: how it finds a neighbour by name, and by address
// - `answerFor(query, names)`: the answer, or undefined: not ours to answer
// - `fitting(answer, limit)`: its bytes, cut short if they do not fit into one packet
//
// A known name without an address of the wanted kind has no data; to say that it does
// not exist would hide the other kind, too. Source: RFC 1035, RFC 2181 (truncation),
// RFC 6891 (longer packets).

import { AUTHORITATIVE_ANSWER, decode, encode, TRUNCATED_RESPONSE } from 'dns-packet';
import type { Answer, DecodedPacket, Packet, Question } from 'dns-packet';
import { formatIp, parseIp, type Ip } from '../ipam/address.ts';

export interface Names {
  /** The addresses of who has this name; empty if nobody has. Names are lower case. */
  readonly addressesOf: (name: string) => readonly Ip[];
  /** The first name of who has this address. */
  readonly nameOf: (ip: Ip) => string | undefined;
}

/** Short: a container can be gone in a moment, and another have its address. */
const ttlSeconds = 5;

export function answerFor(query: DecodedPacket, names: Names): Packet | undefined {
  const [question] = query.questions ?? [];
  if (question === undefined || query.questions?.length !== 1) return undefined;
  const answers = answersTo(question, names);
  if (answers === undefined) return undefined;
  return {
    type: 'response',
    id: query.id ?? 0,
    // RD is what the asker wished; RA says that we could.
    flags: AUTHORITATIVE_ANSWER | 0x80 | ((query.flags ?? 0) & 0x100),
    questions: [question],
    answers: [...answers],
  };
}

/** Undefined: of this name we know nothing. */
function answersTo(
  { name: written, type }: Question,
  names: Names,
): readonly Answer[] | undefined {
  const name = written.toLowerCase().replace(/\.$/, '');
  if (type === 'PTR') {
    const ip = addressIn(name);
    const found = ip && names.nameOf(ip);
    return found === undefined
      ? undefined
      : [{ type: 'PTR', name: written, ttl: ttlSeconds, data: found }];
  }
  const ips = names.addressesOf(name);
  if (ips.length === 0) return undefined;
  return ips
    .filter(({ version }) => type === (version === 4 ? 'A' : 'AAAA'))
    .map(ip => ({
      type: ip.version === 4 ? 'A' : 'AAAA',
      name: written,
      ttl: ttlSeconds,
      data: formatIp(ip),
    }));
}

/** The address that a name such as 2.0.30.172.in-addr.arpa asks about. */
function addressIn(name: string): Ip | undefined {
  const [, four] = /^([\d.]+)\.in-addr\.arpa$/.exec(name) ?? [];
  if (four !== undefined) return parseIp(four.split('.').toReversed().join('.'));
  const [, six] = /^([0-9a-f.]{63})\.ip6\.arpa$/.exec(name) ?? [];
  if (six === undefined) return undefined;
  const digits = six.split('.').toReversed().join('');
  return parseIp(digits.match(/.{4}/g)?.join(':') ?? '');
}

/** The longest packet that the asker takes over UDP. */
export function limitOf(query: DecodedPacket): number {
  const plain = 512;
  const options = query.additionals?.find(({ type }) => type === 'OPT');
  const offered =
    options && 'udpPayloadSize' in options ? options.udpPayloadSize : plain;
  return Math.max(plain, offered);
}

/** The bytes of `answer`; longer than `limit`, it says "ask again over TCP" instead. */
export function fitting(answer: Packet, limit: number): Buffer {
  const whole = encode(answer);
  // #hole truncate: Over UDP an answer that is too long is sent without its records,
  // and with a flag that says so (TRUNCATED_RESPONSE). The asker then comes again by
  // TCP.
  if (whole.length <= limit) return whole;
  const flags = (answer.flags ?? 0) | TRUNCATED_RESPONSE;
  return encode({ ...answer, flags, answers: [] });
  // #instead
  // void TRUNCATED_RESPONSE;
  // return whole.subarray(0, limit);
  // #endhole
}

/** SERVFAIL: nobody could be asked. */
export function failure(query: DecodedPacket): Buffer {
  const serverFailure = 2;
  return encode({
    type: 'response',
    id: query.id ?? 0,
    flags: serverFailure | 0x80 | ((query.flags ?? 0) & 0x100),
    questions: query.questions ?? [],
  });
}

/** The query in `bytes`; undefined for what is none. */
export function readQuery(bytes: Buffer): DecodedPacket | undefined {
  try {
    const packet = decode(bytes);
    return packet.type === 'query' ? packet : undefined;
  } catch {
    return undefined; // a stray packet is no reason to stop
  }
}
