import { expect, test } from 'vitest';
import { formatIp } from '../ipam/address.ts';
import { socketsIn } from './holders.ts';

test('the lines of /proc/net are read, the address word by word', () => {
  const text = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1 0
   1: B80D0120000000000000000001000000:0035 00000000000000000000000000000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 4712 2 0
`;
  const shown = socketsIn(text).map(
    ({ ip, port, inode, listens }) => `${formatIp(ip)} ${port} ${inode} ${listens}`,
  );
  expect(shown).toEqual(['127.0.0.1 8080 4711 true', '2001:db8::1 53 4712 false']);
});
