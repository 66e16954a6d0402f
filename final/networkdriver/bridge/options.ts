// The options of the bridge driver, `--opt` of a network, in Docker's words.
//
// - `readBridgeOptions(options)`: what of them the engine acts on
//
//     com.docker.network.bridge.name                the name of its link
//     com.docker.network.driver.mtu                 of its links
//     com.docker.network.container_iface_prefix     eth by default
//     com.docker.network.bridge.host_binding_ipv4   where ports are published without an address
//     com.docker.network.bridge.enable_icc          false: its containers do not reach each other
//
// One that would switch off what this engine always does is refused; an option of the user's own is
// kept and shown, as Docker does.

import { invalid, Refusal } from '../../engine/refusal.ts';
import { parseIp } from '../../libcontainer/network.ts';

export interface BridgeOptions {
  readonly name?: string;
  readonly mtu?: number;
  readonly devicePrefix: string;
  /** Empty for all addresses. */
  readonly hostBinding: string;
  /** Whether its containers reach each other. */
  readonly areNeighbours: boolean;
}

const prefix = 'com.docker.network';
/** What is always so here, and cannot be otherwise. */
const always: Readonly<Record<string, boolean>> = {
  [`${prefix}.bridge.enable_ip_masquerade`]: true,
};

/** @throws Refusal INVALID, UNSUPPORTED */
export function readBridgeOptions(options: Readonly<Record<string, string>>): BridgeOptions {
  for (const [key, value] of Object.entries(always)) {
    const wanted = options[key];
    if (wanted !== undefined && readSwitch(key, wanted) !== value)
      throw new Refusal('UNSUPPORTED', `${key}=${wanted} is not supported by this engine`);
  }
  const between = `${prefix}.bridge.enable_icc`;
  const name = options[`${prefix}.bridge.name`];
  const mtu = options[`${prefix}.driver.mtu`];
  return {
    devicePrefix: readDevice(options[`${prefix}.container_iface_prefix`] ?? 'eth', 11),
    areNeighbours: readSwitch(between, options[between] ?? 'true'),
    hostBinding: readBinding(options[`${prefix}.bridge.host_binding_ipv4`] ?? ''),
    ...(name !== undefined && { name: readDevice(name, 15) }),
    ...(mtu !== undefined && { mtu: readMtu(mtu) }),
  };
}

function readSwitch(key: string, value: string): boolean {
  if (/^(1|t|true)$/i.test(value)) return true;
  if (/^(0|f|false)$/i.test(value)) return false;
  throw unread(key, value, `strconv.ParseBool: parsing ${JSON.stringify(value)}: invalid syntax`);
}

function readDevice(name: string, most: number): string {
  if (name.length <= most && /^[a-zA-Z0-9][\w.-]*$/.test(name)) return name;
  throw invalid(`invalid interface name ${JSON.stringify(name)}: at most ${most} of A-Z 0-9 _ . -`);
}

function readBinding(text: string): string {
  if (text === '' || parseIp(text)?.version === 4) return text;
  throw unread(`${prefix}.bridge.host_binding_ipv4`, text, 'nil ip');
}

/** The least that IPv4 may have, and the most that a link can. */
function readMtu(text: string): number {
  const mtu = Number(text);
  if (/^\d{1,5}$/.test(text) && mtu >= 68 && mtu <= 65_535) return mtu;
  const why = Number.isInteger(mtu)
    ? 'a number from 68 to 65535'
    : `strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`;
  throw unread(`${prefix}.driver.mtu`, text, why);
}

function unread(label: string, value: string, why: string): Error {
  return invalid(`failed to parse ${label} value: ${value} (${why})`);
}
