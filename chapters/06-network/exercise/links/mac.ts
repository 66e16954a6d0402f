// Made from ../../links/mac.ts by `npm run generate`. It leaves out one part: yours.
// See how far you are, in the folder of the chapter: SUBJECT=exercise/run.ts npm test
//
// The hardware address of a container, made from its IPv4 address.
//
// - `macOf(ip)`: 02:42 and the four bytes of the address, as Docker has it
// - `parseMac`, `formatMac`
//
// What is free as an IP address is then free as a MAC, with no second book to keep;
// and a new container with an old IP has the old MAC: what the neighbours remember of
// it is still true (ARP). In the first byte, bit 1 says that no factory has given it,
// and bit 0 would say that it means many.

import { bytesOf, type Ip } from '../ipam/address.ts';

export function macOf(ip: Ip): Uint8Array {
  // YOUR PART mac: `02:42`, then the last four bytes of the address.
  void [bytesOf, ip];
  return Uint8Array.of(0x02, 0x42, 0, 0, 0, 1);
}

/** @throws Error saying what is wrong with it */
export function parseMac(text: string): Uint8Array {
  const bytes = Uint8Array.from(text.split(':').map(part => Number.parseInt(part, 16)));
  if (!/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/i.test(text)) {
    throw new Error(
      `${JSON.stringify(text)} is no MAC address, as in 02:42:ac:1e:00:02`,
    );
  }
  if (((bytes[0] ?? 1) & 1) === 1) {
    throw new Error(`${text} is the address of a group (its first byte is odd)`);
  }
  return bytes;
}

export function formatMac(bytes: Uint8Array): string {
  return [...bytes].map(byte => byte.toString(16).padStart(2, '0')).join(':');
}
// As made: ebaacc74
