/** One who goes on speaking is heard by whoever has the port now. */
import { execFileSync } from 'node:child_process';
import { expect } from 'vitest';
import { check } from '@slipway/lab/check.ts';

const prelude = `
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createConnection, createServer } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { openNetlink } from '@slipway/native';
import { loadTable } from '${import.meta.dirname}/load.ts';
import { publish, unpublish } from '${import.meta.dirname}/elements.ts';
import { reservePorts } from '${import.meta.dirname}/../ports/reserve.ts';
using netlink = openNetlink('netfilter');
loadTable();
const to = (protocol, last) => [{
  protocol, host: undefined, hostPort: 5300, containerPort: 53,
  container: { version: 4, value: 0x7f000000n + last },
}];
`;

const datagrams = `
const serve = async address => {
  const server = createSocket('udp4', (_, { port }) => server.send(address, port, '127.0.0.1'));
  server.bind(53, address);
  await once(server, 'listening');
};
await serve('127.0.0.2');
await serve('127.0.0.3');
const client = createSocket('udp4');
client.bind(4444, '127.0.0.1');
client.on('error', () => {});
const ask = async () => {
  const answer = once(client, 'message').then(([message]) => String(message));
  client.send('who?', 5300, '127.0.0.1');
  return Promise.race([answer, setTimeout(500, 'nobody')]);
};
console.log(await ask());
publish(netlink, to('udp', 2n));
console.log(await ask());
unpublish(netlink, to('udp', 2n));
publish(netlink, to('udp', 3n));
console.log(await ask());
process.exit();
`;

const connections = `
const server = createServer(socket => socket.end('here'));
server.listen(53, '127.0.0.2');
const ask = async (port = 5300) => {
  const socket = createConnection(port, '127.0.0.1');
  try {
    const [answer] = await once(socket, 'data');
    return String(answer);
  } catch (error) {
    return error.code;
  }
};
const wish = { protocol: 'tcp', host: undefined, hostPort: 5300, containerPort: 53 };
const reserved = reservePorts([wish], [4]);
console.log(await ask());
publish(netlink, to('tcp', 2n));
reserved.hold();
console.log(await ask());
const other = createServer();
other.listen(5300, '0.0.0.0');
const [error] = await once(other, 'error');
console.log(error.code);
process.exit();
`;

function inNamespace(script: string): readonly string[] {
  const flags = ['--import', 'tsx', '--input-type=module', '-e', prelude + script];
  const command = `ip link set lo up; exec "$0" "$@"`;
  const words = ['--net', 'sh', '-c', command, process.execPath, ...flags];
  const text = execFileSync('unshare', words, {
    encoding: 'utf8',
    cwd: import.meta.dirname,
    timeout: 60_000,
  });
  return text.trim().split('\n');
}

const needs = ['root', 'native', 'nftables', 'tool:unshare', 'tool:ip'] as const;

check('a sender of datagrams is led to whoever has the port now', { needs }, () => {
  expect(inNamespace(datagrams)).toEqual(['nobody', '127.0.0.2', '127.0.0.3']);
});

check(
  'who connects before a port is published is refused, not kept waiting',
  { needs },
  () => {
    expect(inNamespace(connections)).toEqual(['ECONNREFUSED', 'here', 'EADDRINUSE']);
  },
);
