/** What our messages put into the sets is what nft(8) reads there. */
import { execFileSync } from 'node:child_process';
import { expect } from 'vitest';
import { check } from '@slipway/lab/check.ts';
import { parseIp, parseSubnet, type Ip } from '../ipam/address.ts';
import { elementOf, showPublished, type Published } from './elements.ts';
import { tableText } from './table.ts';

const script = `
import { openNetlink } from '@slipway/native';
import * as firewall from '${import.meta.dirname}/elements.ts';
import { loadTable } from '${import.meta.dirname}/load.ts';
const ip = (version, value) => ({ version, value });
const subnet4 = { version: 4, base: 0x0a090000n, prefix: 24 };
const network = { bridge: 'slipway-blue', subnet4, subnet6: undefined };
const base = { protocol: 'tcp', hostPort: 8080, containerPort: 80 };
const ports = [
  { ...base, host: ip(4, 0xcb007101n), container: ip(4, 0x0a090002n) },
  { ...base, host: undefined, container: ip(6, (0xfd00n << 112n) | 2n) },
  { ...base, protocol: 'udp', host: undefined, container: ip(4, 0x0a090002n) },
];
const many = Array.from({ length: 2000 }, (_, n) => ({ ...ports[2], hostPort: 10000 + n }));
using netlink = openNetlink('netfilter');
loadTable();
firewall.admitNetwork(netlink, network);
firewall.publish(netlink, ports);
console.log(firewall.listPublished(netlink).map(firewall.showPublished).join('\\n'));
const { execFileSync } = await import('node:child_process');
console.log(execFileSync('nft', ['list', 'table', 'inet', 'slipway'], { encoding: 'utf8' }));
for (const attempt of [() => firewall.publish(netlink, ports.slice(1, 2)),
  () => firewall.unpublish(netlink, many)]) {
  try { attempt(); } catch (error) { console.log(error.message); }
}
firewall.publish(netlink, many);
console.log(firewall.listPublished(netlink).length);
firewall.unpublish(netlink, [...ports, ...many]);
firewall.dismissNetwork(netlink, network);
firewall.dismissNetwork(netlink, network);
console.log(execFileSync('nft', ['list', 'table', 'inet', 'slipway'], { encoding: 'utf8' })
  .match(/elements/g));
`;

check(
  'nft reads our elements as we mean them',
  { needs: ['root', 'native', 'nftables', 'tool:unshare'] },
  () => {
    const node = [
      process.execPath,
      '--import',
      'tsx',
      '--input-type=module',
      '-e',
      script,
    ];
    const text = execFileSync('unshare', ['--net', ...node], {
      encoding: 'utf8',
      cwd: import.meta.dirname,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    expect(text).toContain(
      '203.0.113.1:8080/tcp → 10.9.0.2:80\n0.0.0.0:8080/udp → 10.9.0.2:80\n',
    );
    expect(text).toContain('[::]:8080/tcp → [fd00::2]:80');
    expect(text).toContain('elements = { tcp . 203.0.113.1 . 8080 : 10.9.0.2 . 80 }');
    expect(text).toContain('elements = { tcp . 8080 : fd00::2 . 80 }');
    expect(text).toContain('elements = { "slipway-blue" . "slipway-blue" }');
    expect(text).toContain('elements = { 10.9.0.0/24 }');
    expect(text).toContain('nft add element inet slipway everywhere6: EEXIST');
    expect(text).toContain('nft delete element inet slipway everywhere4: ENOENT');
    expect(text.trim().split('\n').slice(-2)).toEqual(['2003', 'null']);
  },
);

function ip(text: string): Ip {
  const found = parseIp(text);
  if (found === undefined) throw new Error(text);
  return found;
}

check('a key is its parts behind each other, each padded to four bytes', () => {
  const port: Published = {
    protocol: 'tcp',
    host: ip('10.0.0.1'),
    hostPort: 8080,
    container: ip('172.30.0.2'),
    containerPort: 80,
  };
  const { set, key, data } = elementOf(port);
  const hex = (bytes?: Uint8Array) => Buffer.from(bytes ?? []).toString('hex');
  expect([set, hex(key), hex(data)]).toEqual([
    'published4',
    '060000000a0000011f900000',
    'ac1e000200500000',
  ]);
  expect(showPublished(port)).toBe('10.0.0.1:8080/tcp → 172.30.0.2:80');
  expect(parseSubnet('10.9.0.0/24').prefix).toBe(24);
});

check('the table names no container: all that changes is an element', () => {
  const addresses = new Set(tableText.match(/\d+\.\d+\.\d+\.\d+/g));
  expect([...addresses].filter(one => !one.startsWith('127.'))).toEqual([]);
});
