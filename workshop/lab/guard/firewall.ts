/**
 * Firewall rules: tables, chains, sets, maps and rules, as `nft -j list ruleset` tells them.
 * Value: the rule itself, without what changes by being used (counters, handles, how long an
 * element still lives).
 *
 * Names that other managers use for their chains and tables are listed below; those are theirs.
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Fact, Facts, Kind } from './state.ts';

const managers = /\b(DOCKER|KUBE-|CNI-|LIBVIRT_|f2b-|ts-|ufw|firewalld|fail2ban)/;

export const firewall: Kind = {
  name: 'firewall',
  async read() {
    if (process.geteuid?.() !== 0) return 'only root can list firewall rules';
    try {
      const PATH = `${process.env.PATH ?? ''}:/usr/sbin:/sbin`;
      const { stdout } = await promisify(execFile)('nft', ['-j', 'list', 'ruleset'], {
        env: { ...process.env, PATH, LC_ALL: 'C' },
        maxBuffer: 1 << 28,
      });
      return firewallFacts(stdout);
    } catch (cause) {
      const why = cause instanceof Error ? cause.message.trim() : 'it failed';
      return `nft cannot list the rules: ${why}`;
    }
  },
  foreign: ({ name, before, after }) => managers.test(`${name} ${before} ${after}`),
};

export function firewallFacts(json: string): Facts {
  const { nftables } = JSON.parse(json) as { nftables: Record<string, NftObject>[] };
  const facts: Record<string, Fact> = {};
  const seen = new Map<string, number>();
  for (const item of nftables) {
    const [kind, object] = Object.entries(item)[0] ?? [];
    if (kind === undefined || object === undefined || kind === 'metainfo') continue;
    const place = nameOf(kind, object);
    const count = (seen.get(place) ?? 0) + 1;
    seen.set(place, count);
    facts[kind === 'rule' ? `${place} #${count}` : place] = { value: lasting(object) };
  }
  return facts;
}

interface NftObject {
  readonly family?: string;
  readonly table?: string;
  readonly chain?: string;
  readonly name?: string;
}

function nameOf(kind: string, { family, table, chain, name }: NftObject): string {
  return [kind, family, table, chain, name].filter(part => part !== undefined).join(' ');
}

function lasting(object: NftObject): string {
  const passing = new Set(['handle', 'packets', 'bytes', 'expires', 'used']);
  return JSON.stringify(object, (key, value: unknown) => (passing.has(key) ? undefined : value));
}
