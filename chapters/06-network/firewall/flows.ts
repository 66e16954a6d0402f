// What the kernel remembers of traffic: for UDP, whom a sender has spoken to before.
//
// - `forgetFlows(netlink, ports)`: of these ports of the host; UDP alone
//
// Where a packet goes is decided for the first one of a flow; the rest follow what is
// remembered. A TCP connection ends. A UDP sender that goes on would for ever be led to
// a container that is gone, or, if it spoke before the port was published, to nobody.
// Sources: linux/netfilter/nfnetlink_conntrack.h, conntrack(8).

import {
  attribute,
  decodeAttributes,
  flag,
  NetlinkError,
  type Answer,
  type Netlink,
  type NetlinkMessage,
} from '@slipway/native';
import type { Ip } from '../ipam/address.ts';

const conntrack = 1 << 8;
const message = { get: conntrack | 1, delete: conntrack | 2 } as const;
/** Attributes of a flow, and of a tuple and its protocol. */
const part = { original: 1, id: 12, protocol: 2, number: 1, port: 3 } as const;
const udp = 17;
const families = { 4: 2, 6: 10 } as const;

/** Of a published port what a remembered flow is known by. */
export interface FlowsOf {
  readonly protocol: string;
  readonly hostPort: number;
  readonly container: Ip;
}

export function forgetFlows(netlink: Netlink, ports: readonly FlowsOf[]): void {
  const wanted = ports.filter(({ protocol }) => protocol === 'udp');
  const versions = new Set(wanted.map(({ container }) => container.version));
  for (const version of versions) {
    const numbers = wanted
      .filter(({ container }) => container.version === version)
      .map(({ hostPort }) => hostPort);
    forget(netlink, families[version], new Set(numbers));
  }
}

function forget(netlink: Netlink, family: number, ports: ReadonlySet<number>): void {
  const body = Uint8Array.of(family, 0, 0, 0);
  const all = netlink.talk([
    { type: message.get, flags: flag.dump, body, shown: 'list the flows' },
  ]);
  const gone = all.flatMap(one => deletionOf(one, ports) ?? []);
  for (const one of gone) {
    try {
      netlink.talk([{ ...one, body }]);
    } catch (error) {
      // It has ended by itself meanwhile.
      if (!(error instanceof NetlinkError && error.code === 'ENOENT')) throw error;
    }
  }
}

/** The message that ends this flow, if it was one to `ports`. */
function deletionOf(
  { body }: Answer,
  ports: ReadonlySet<number>,
): NetlinkMessage | undefined {
  const flow = decodeAttributes(body.subarray(4));
  const [tuple, id] = [flow.get(part.original), flow.get(part.id)];
  if (tuple === undefined || id === undefined) return undefined;
  const protocol = decodeAttributes(
    decodeAttributes(tuple).get(part.protocol) ?? new Uint8Array(),
  );
  const [high = 0, low = 0] = protocol.get(part.port) ?? [];
  if (protocol.get(part.number)?.[0] !== udp || !ports.has((high << 8) | low)) {
    return undefined;
  }
  return {
    type: message.delete,
    body: new Uint8Array(),
    attributes: [attribute.nest(part.original, [tuple]), attribute.bytes(part.id, id)],
    shown: 'forget a flow',
  };
}
