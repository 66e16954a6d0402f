/**
 * Network links of our own network namespace, from /sys/class/net. Value: index, up or down, and
 * the bridge it belongs to.
 *
 * A container manager enslaves the links it makes to its own bridge: a link that came or went
 * below a bridge which stood there before is taken to be that manager's.
 */
import { readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';
import type { Fact, Kind } from './state.ts';

const folder = '/sys/class/net';

export const links: Kind = {
  name: 'link',
  read() {
    const facts: Record<string, Fact> = {};
    for (const name of readdirSync(folder)) {
      const value = linkValue(name);
      if (value !== undefined) facts[name] = { value };
    }
    return facts;
  },
  foreign({ before, after }, beforeFacts) {
    const bridge = /bridge (\S+)$/.exec(after ?? before ?? '')?.[1];
    return bridge !== undefined && beforeFacts[bridge] !== undefined && !isOurs(bridge);
  },
};

function isOurs(bridge: string): boolean {
  return bridge.startsWith('slipway');
}

/** Undefined for what is no link (`bonding_masters`), or went away while it was read. */
function linkValue(name: string): string | undefined {
  try {
    const index = readFileSync(`${folder}/${name}/ifindex`, 'utf8').trim();
    const up = (Number(readFileSync(`${folder}/${name}/flags`, 'utf8')) & 1) === 1;
    const bridge = bridgeOf(name);
    const facts = [`index ${index}`, up ? 'up' : 'down'];
    return [...facts, ...(bridge === undefined ? [] : [`bridge ${bridge}`])].join(', ');
  } catch {
    return undefined;
  }
}

function bridgeOf(name: string): string | undefined {
  try {
    return basename(readlinkSync(`${folder}/${name}/master`));
  } catch {
    return undefined;
  }
}
