// Made from ../../runtime/network-verb.ts by `npm run generate`. Nothing is left out here.
// See how far you are, in the folder of the chapter: SUBJECT=exercise/run.ts npm test
//
// `run.ts network …`: what there is, and what should not be there any more.
//
// - `networkVerb(command, words)`: ls, reconcile → the exit status

import { UsageError } from '@slipway/namespaces';
import type { Command } from 'commander';
import { showPublished } from '../firewall/elements.ts';
import { formatIp, formatSubnet } from '../ipam/address.ts';
import { lowerIdle } from '../network/bridge-network.ts';
import { openHost } from '../network/host.ts';
import { reconcile, showOwner } from '../network/reconcile.ts';

/** @throws UsageError for a word that is no verb */
export function networkVerb(command: Command, words: readonly string[]): number {
  const parsed = command.argument('[ls|reconcile]').parse(words, { from: 'user' });
  const [verb = 'ls'] = parsed.args;
  switch (verb) {
    case 'ls':
      return list();
    case 'reconcile':
      return reconcileNow();
    default:
      throw new UsageError(`network ${verb}: there are ls and reconcile`);
  }
}

function list(): number {
  using host = openHost();
  const leases = host.book.page.leases();
  for (const { name, bridge, subnet4, subnet6 } of host.book.page.networks()) {
    const six = subnet6 ? ` ${formatSubnet(subnet6)}` : '';
    say(`${name} ${bridge} ${formatSubnet(subnet4)}${six}`);
    for (const lease of leases.filter(({ network }) => network === name)) {
      say(
        `  ${formatIp(lease.ip)} ${lease.names.join(' ')} (${showOwner(lease.owner)})`,
      );
      for (const port of lease.ports) say(`    ${showPublished(port)}`);
    }
  }
  return 0;
}

function reconcileNow(): number {
  using host = openHost();
  const { removed, lowered } = host.book.transaction(page => ({
    removed: reconcile(host, page),
    lowered: lowerIdle(host, page),
  }));
  for (const line of removed) say(line);
  for (const name of lowered) say(`the network ${name}: nobody is in it`);
  return 0;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
// As made: cc78e08a
