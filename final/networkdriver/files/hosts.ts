// /etc/hosts of a container.
//
// - `hostsText(naming)`: its text
// - `extraHost(text, gateway)`: `--add-host name:address`, where the address may be `host-gateway`
//
// Source: hosts(5); libnetwork/etchosts of moby for the lines that are always there.

import { invalid } from '../../engine/refusal.ts';
import { formatIp, parseIp, type Ip } from '../../libcontainer/network.ts';

export interface Naming {
  readonly hostname: string;
  readonly domainname: string;
  readonly ips: readonly Ip[];
  /** Lines of others: an address and its names. */
  readonly extra: readonly HostLine[];
}

export interface HostLine {
  readonly ip: string;
  readonly names: readonly string[];
}

const always = [
  '127.0.0.1\tlocalhost',
  '::1\tlocalhost ip6-localhost ip6-loopback',
  'fe00::0\tip6-localnet',
  'ff00::0\tip6-mcastprefix',
  'ff02::1\tip6-allnodes',
  'ff02::2\tip6-allrouters',
];

export function hostsText({ hostname, domainname, ips, extra }: Naming): string {
  const own = domainname === '' ? [hostname] : [`${hostname}.${domainname}`, hostname];
  const short = /^([^.]+)\./.exec(hostname)?.[1];
  if (domainname === '' && short !== undefined) own.push(short);
  const lines = [...extra, ...ips.map(ip => ({ ip: formatIp(ip), names: own }))];
  return `${[...always, ...lines.map(showLine)].join('\n')}\n`;
}

export function showLine({ ip, names }: HostLine): string {
  return `${ip}\t${names.join(' ')}`;
}

/** @throws Refusal INVALID */
export function extraHost(text: string, gateway: () => Ip | undefined): HostLine {
  const at = text.search(/[:=]/);
  const [name, address] = [text.slice(0, at), text.slice(at + 1)];
  if (at < 1 || /\s/.test(name) || address === '')
    throw invalid(`bad format for add-host: ${JSON.stringify(text)}`);
  if (address === 'host-gateway') {
    const ip = gateway();
    if (ip === undefined) throw invalid('unable to derive the IP value for host-gateway');
    return { ip: formatIp(ip), names: [name] };
  }
  const plain = address.replace(/^\[|\]$/g, '');
  if (parseIp(plain) === undefined)
    throw invalid(`invalid IP address in add-host: ${JSON.stringify(address)}`);
  return { ip: plain, names: [name] };
}
