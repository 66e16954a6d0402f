// Made from ../../firewall/load.ts by `npm run generate`. Nothing is left out here.
// See how far you are, in the folder of the chapter: SUBJECT=exercise/run.ts npm test
//
// The table as a whole: loaded with the first network, removed with the last.
//
// - `hasTable`, `loadTable`, `removeTable`
//
// This is the only place that starts `nft`, and no start of a container passes here but
// the very first. A reload would empty the maps, so who has the table keeps it.
// Source: nft(8).

import { execFileSync } from 'node:child_process';
import { attribute, flag, NetlinkError, type Netlink } from '@slipway/native';
import { tableName, tableText } from './table.ts';

/** Whether our table is in the namespace of `netlink`. */
export function hasTable(netlink: Netlink): boolean {
  const [getTable, inet, name] = [(10 << 8) | 1, 1, 1];
  try {
    netlink.talk([
      {
        type: getTable,
        flags: flag.request,
        body: Uint8Array.of(inet, 0, 0, 0),
        attributes: [attribute.text(name, 'slipway')],
        shown: `nft list table ${tableName}`,
      },
    ]);
    return true;
  } catch (error) {
    if (error instanceof NetlinkError && error.code === 'ENOENT') return false;
    throw error;
  }
}

/** @throws Error with the words of nft(8) */
export function loadTable(): void {
  runNft(['-f', '-'], tableText);
}

export function removeTable(): void {
  runNft(['delete', 'table', ...tableName.split(' ')]);
}

function runNft(args: readonly string[], input = ''): void {
  // Administrators' tools are not in everybody's PATH.
  const PATH = `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`;
  try {
    execFileSync('nft', args, {
      input,
      stdio: ['pipe', 'ignore', 'pipe'],
      env: { ...process.env, PATH },
    });
  } catch (cause) {
    if (!(cause instanceof Error)) throw cause;
    const missing = 'code' in cause && cause.code === 'ENOENT';
    const said = 'stderr' in cause ? String(cause.stderr).trim() : cause.message;
    const why = missing ? 'it is not installed: sudo apt-get install nftables' : said;
    throw new Error(`nft ${args.join(' ')}: ${why}`, { cause });
  }
}
// As made: 87ab5933
