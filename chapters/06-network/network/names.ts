// Who is who in a network: the book of leases as the name server reads it.
//
// - `namesIn(book, network)`: looked up anew for each question, so that a container
//   that has started a moment ago is known, and one that has ended is not
//
// `web` and `web.blue` are the same one, if the network is called blue.

import type { Names } from '../dns/answer.ts';
import type { BridgeNetwork, Lease, LeaseBook } from '../ipam/lease-book.ts';
import { addressesOf } from './endpoint.ts';

export function namesIn(book: Pick<LeaseBook, 'page'>, network: BridgeNetwork): Names {
  const suffix = `.${network.name.toLowerCase()}`;
  const neighbours = (): readonly Lease[] =>
    book.page.leases().filter(lease => lease.network === network.name);
  return {
    addressesOf: written => {
      const name = written.endsWith(suffix)
        ? written.slice(0, -suffix.length)
        : written;
      return neighbours()
        .filter(({ names }) => names.includes(name))
        .flatMap(lease => addressesOf({ ...lease, network }));
    },
    nameOf: wanted =>
      neighbours().find(lease =>
        addressesOf({ ...lease, network }).some(
          ({ version, value }) => version === wanted.version && value === wanted.value,
        ),
      )?.names[0],
  };
}
