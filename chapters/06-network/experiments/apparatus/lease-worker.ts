// One of fifty: takes a place in a network, says which, and keeps it until it dies.
//
//     lease-worker.ts ALIAS   →  172.30.0.7
//     lease-worker.ts         nothing, but the program is compiled and kept

import { formatIp } from '../../ipam/address.ts';
import { openHost } from '../../network/host.ts';
import { holdNetwork } from '../../runtime/hold-network.ts';
import { readNetworkOptions } from '../../runtime/network-options.ts';

const alias = process.argv[2];
if (alias === undefined) process.exit(0);
const options = readNetworkOptions({ network: 'bridge', networkAlias: [alias] });
if (options === undefined) throw new Error('these are options');
await using held = await holdNetwork(options);
using host = openHost();
const mine = host.book.page
  .leases()
  .find(({ owner }) => 'pid' in owner && owner.pid === process.pid);
process.stdout.write(`${mine ? formatIp(mine.ip) : 'none'}\n`);
// Until somebody closes our input, or kills us.
for await (const piece of process.stdin) void piece;
void held;
