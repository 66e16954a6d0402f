// Who is who for one container: what its embedded name server knows by itself.
//
// - `namesFor(container, sources)`: looked up anew for each question, so that whoever has come,
//   gone or been renamed a moment ago is answered for as it is now
//
// `web` and `web.blue` are the same one, in the network blue. A container asks about its own
// networks only. A link (`--link web:db`) is a name for one alone.

import { addressesOf, type Ip, type Lease, type Names } from '../../libcontainer/network.ts';
import type { Catalogue } from '../network/catalogue.ts';
import type { Leases } from '../ipam/leases.ts';
import type { NetworkRecord } from '../network/record.ts';

export interface NameSources {
  readonly catalogue: Pick<Catalogue, 'look' | 'network'>;
  readonly leases: Pick<Leases, 'in' | 'of'>;
  /** What the container calls others in a network of this name: alias → name. */
  readonly links: (network: string) => ReadonlyMap<string, string>;
}

interface Neighbour {
  readonly lease: Lease;
  readonly record: NetworkRecord;
}

export function namesFor(container: string, { catalogue, leases, links }: NameSources): Names {
  const neighbours = (): readonly Neighbour[] =>
    leases.of(container).flatMap(({ network }) => {
      const record = catalogue.look(network);
      return record === undefined ? [] : leases.in(network).map(lease => ({ lease, record }));
    });
  const ipsOf = ({ lease, record }: Neighbour): readonly Ip[] =>
    addressesOf({ ...lease, network: catalogue.network(record) });
  return {
    addressesOf: written => {
      const called = neighbours().filter(one => {
        const name = links(one.record.name).get(written) ?? written;
        return isCalled(one, name.toLowerCase());
      });
      return called.flatMap(ipsOf);
    },
    nameOf: wanted => {
      const found = neighbours().find(one =>
        ipsOf(one).some(ip => ip.version === wanted.version && ip.value === wanted.value),
      );
      const name = found?.lease.names[0];
      return found && name ? `${name}.${found.record.name}` : undefined;
    },
  };
}

function isCalled({ lease, record }: Neighbour, name: string): boolean {
  const suffix = `.${record.name.toLowerCase()}`;
  const plain = name.endsWith(suffix) ? name.slice(0, -suffix.length) : name;
  return lease.names.some(one => one.toLowerCase() === plain || one.toLowerCase() === name);
}

/** `web:db`, or `web` alone. */
export function readLinks(links: readonly string[] | null): ReadonlyMap<string, string> {
  return new Map(
    (links ?? []).map(link => {
      const [name = '', alias = name] = link.split(':');
      const plain = (text: string): string => text.slice(text.lastIndexOf('/') + 1);
      return [plain(alias).toLowerCase(), plain(name)] as const;
    }),
  );
}
